# shellcheck shell=dash
# In L2: exits of many kinds, by a program, in turns with sleep.
echo "working"
while :; do
	./stress 20
	sleep 10
done >/tmp/out
