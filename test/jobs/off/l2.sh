# shellcheck shell=dash
# In L2: there is no interface here.
./exitstat-test
