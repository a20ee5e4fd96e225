# shellcheck shell=dash
# In L2: memory that is touched for the first time, CPU time, a line on a serial port.
echo "working"
while :; do
	dd if=/dev/zero of=/tmp/file bs=1M count=20 2>/dev/null
	rm /tmp/file
	echo "a line of a hundred characters, each an exit to the VMM, as such a port has no memory for them"
	sleep 2
done
