# shellcheck shell=dash
# In L2: load on each CPU, which looks whether the counts only grow.
echo "cpus $(nproc)"
./stress "$(cat seconds)"
