# shellcheck shell=dash source=../../tap.sh
# In L2, which L1 starts again: what exitstat says of counts that are older than the
# guest.
cd /job || exit 1
. ./tap.sh

./exitstat --json >/tmp/json
case $(cat /tmp/json) in
*'"history":"rebooted"'*) ;;
*)
	echo "# first boot"
	while :; do sleep 1000; done
	;;
esac
./exitstat >/tmp/table
works exitstat-says-that-the-guest-rebooted \
	grep -q '^rebooted: the kernel is up for [0-9.]* s; earlier boots are counted, too$' /tmp/table
./exitstat record -o /tmp/rec 0.1 3
./exitstat report -o /tmp/rec.html /tmp/rec >/tmp/report
works exitstat-report-says-so grep -q 'the guest had rebooted' /tmp/report
works exitstat-report-has-no-boot grep -q '^  Not in this recording: it began' /tmp/report
sed 's/^/# /' /tmp/table
