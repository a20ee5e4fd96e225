# Of witness: what is wrong with the histograms of a VM or vCPU that stands still.
# First its table exit_stats, then its exit_hist. name: of it; toggled: counting, or
# histograms, were off for a while.  Numbers are floats, exact to 2^53.

function wrong(text) {
	print "# " name ", histograms: " text
}

function same(what, is, expected) {
	if (is != expected)
		wrong(sprintf("%s is %.0f, expected %.0f", what, is, expected))
}

FNR == 1 { file++ }
file == 1 && $1 !~ /^(reason|total|account)$/ {
	exits[$1] = $2
	kernel[$1] = $3
}
file == 2 && FNR == 1 {
	if ($0 !~ /^reason +from +to +exits name$/)
		wrong("header: " $0)
	next
}
file == 2 && $1 ~ /^(max|open|missed)$/ { said[$1, $2] = $3; next }
file == 2 {
	if (NF < 5 || !$4 || $2 + 0 < end[$1] || $3 + 0 < $2)
		wrong("row: " $0)
	end[$1] = $3 + 1
	last[$1] = $2
	sum[$1] += $4
	low[$1] += $4 * $2
	high[$1] += $4 * $3
	next
}

# The exit that is open may cost any time, and what was missed is unknown.
function judge(reason,    max) {
	if (!exits[reason] && !((reason, "max") in said))
		return
	same("exits of " reason, exits[reason], sum[reason] + \
	     said["open", reason] + said["missed", reason])
	if (!toggled)
		same("missed of " reason, said["missed", reason] + 0, 0)
	if (said["open", reason] !~ /^[0-9]+$/ || said["missed", reason] !~ /^[0-9]+$/)
		wrong("reason " reason " has no word of open or missed")
	if (low[reason] > kernel[reason])
		wrong(sprintf("%s costs at least %.0f, but took %.0f", reason,
			      low[reason], kernel[reason]))
	# Before its first exit a vCPU's time is that of the row for others.
	if (!said["open", reason] && !said["missed", reason] && reason != "-" &&
	    high[reason] < kernel[reason])
		wrong(sprintf("%s costs at most %.0f, but took %.0f", reason,
			      high[reason], kernel[reason]))
	max = said["max", reason]
	if (sum[reason] && (max < last[reason] + 0 || max >= end[reason]))
		wrong(sprintf("maximum of %s is %.0f, highest bucket %.0f to %.0f",
			      reason, max, last[reason], end[reason] - 1))
	if (!sum[reason])
		same("maximum of " reason, max + 0, 0)
}

END {
	if (file != 2)
		wrong("no table")
	for (reason in exits)
		judge(reason)
}
