# shellcheck shell=dash
# In L2: read a total far more often than anyone should.
start=$(date +%s)
./exitstat-test --repeat 100003 0x4ffffffc
echo "flood took $(($(date +%s) - start)) s"
