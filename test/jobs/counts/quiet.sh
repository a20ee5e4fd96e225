# shellcheck shell=dash
# In L2: read a total once, while the other floods.
sleep 2
./exitstat-test --raw 0x4ffffffc
