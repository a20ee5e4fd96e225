# shellcheck shell=dash
# In L2. The environment has what /init read before anything else.
echo "boot ${boot:?}"
./exitstat-test
