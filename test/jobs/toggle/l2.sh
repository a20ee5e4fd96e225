# shellcheck shell=dash
# In L2: load that does not look, as the leaves come and go. L1 ends it.
./exitstat-test | grep '^host:'
./stress -n 3600
