# shellcheck shell=dash
# In L2: KVM again, and a VMM of known exits whose guest is L3.
modprobe kvm force_emulation_prefix=1
if grep -qw vmx /proc/cpuinfo; then modprobe kvm_intel; else modprobe kvm_amd; fi
[ -c /dev/kvm ] || { echo "no KVM in L2"; exit 3; }
TAP_PREFIX=nested-l3- ./vmm known-counts
# What L2 sees of itself adds up, with the exits of L3 that L1 reflected.
TAP_PREFIX=nested- ./exitstat-test --check
