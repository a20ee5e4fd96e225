# shellcheck shell=dash
# In L2: what the test binary proves from inside.
./exitstat-test
./exitstat-test --check
