# Of compare-tail: L1's claims, which are lines "tail table LINE" and "tail hist LINE"
# of a vCPU's two tables in debugfs, and then the rows "guest reason ticks" that the
# CPU wrote, from the lowest ticks on.

BEGIN {
	# Between the CPU's exit (entry) and KVM's look at the clock there are so many
	# instructions at most; and from one exit to another they differ by so many.
	most_around = 400
	differ = 8
	nr_percentiles = split("0.5 0.99 0.999", percentile)
}

$1 == "tail" && $2 == "table" && $3 ~ /^-?[0-9]+$/ {
	is_kernels[$3] = !$6 && !$7
	exits[$3] = $4
	kernel[$3] = $5
	name[$3] = $8
	next
}
$1 == "tail" && $2 == "hist" && $3 ~ /^(max|open|missed)$/ {
	said[$3, $4] = $5
	next
}
$1 == "tail" && $2 == "hist" && $3 ~ /^-?[0-9]+$/ {
	n = ++nr_buckets[$3]
	from[$3, n] = $4
	to[$3, n] = $5
	count[$3, n] = $6
	over[$3] += $6
	next
}
$1 == "tail" { next }
{
	reason = row($2)
	cost[reason, ++seen[reason]] = $3
	took[reason] += $3
}

# The middle of the bucket with the exit of this rank, but no more than the maximum.
function told(reason, rank,    i, middle) {
	for (i = 1; i < nr_buckets[reason] && rank > count[reason, i]; i++)
		rank -= count[reason, i]
	middle = (from[reason, i] + to[reason, i]) / 2
	return middle < said["max", reason] ? middle : said["max", reason]
}

# The lowest rank that so many are not above.
function rank_of(p, n,    rank) {
	rank = int(p * n)
	return rank < p * n ? rank + 1 : rank
}

function verdict(ok, what) {
	printf "%s %d cpu-tail-%s\n", ok ? "ok" : "not ok", ++nr, what
	failed += !ok
}

# judge_number WHAT EXPECTED ACTUAL LEEWAY
function judge_number(what, expected, actual, leeway) {
	if (actual >= expected - leeway && actual <= expected + leeway)
		return
	wrong++
	printf "# %s: expected (CPU): %.0f, within %.0f; actual (debugfs): %.0f\n",
	       what, expected, leeway, actual
}

function judge_reason(reason,    i, rank, expected, line) {
	line = sprintf("# %6s %-16s %8d", reason, name[reason], seen[reason])
	wrong = 0
	for (i = 1; i <= nr_percentiles; i++) {
		rank = rank_of(percentile[i], seen[reason])
		expected = cost[reason, rank] - around
		judge_number("percentile " percentile[i], expected,
			     told(reason, rank), expected * 0.0625 + differ)
		line = line sprintf(" %8.0f %8.0f", expected, told(reason, rank))
	}
	expected = cost[reason, seen[reason]] - around
	judge_number("maximum", expected, said["max", reason], differ)
	line = line sprintf(" %8.0f %8.0f", expected, said["max", reason])
	verdict(!wrong, "percentiles-of-" reason)
	print line
}

# Exits are over when the guest is entered again; that of the last is open.
function judge_counts(    reason, n) {
	for (reason in exits) {
		n = over[reason] + said["open", reason]
		if (exits[reason] != n || over[reason] != seen[reason]) {
			wrong++
			printf "# reason %s: the CPU wrote %d exits that were over; exits %d, in buckets %d, open %d, missed %d\n",
			       reason, seen[reason], exits[reason], over[reason],
			       said["open", reason], said["missed", reason]
		}
	}
	verdict(!wrong, "each-exit-is-in-a-bucket")
}

END {
	for (reason in seen)
		if (is_kernels[reason]) {
			compared += seen[reason]
			nr_reasons_compared++
			apart += took[reason] - kernel[reason]
		}
	judge_counts()
	verdict(compared >= 1000000 && nr_reasons_compared >= 5, "of-1000000-exits")
	printf "# %d exits of %d reasons\n", compared, nr_reasons_compared
	if (!compared)
		exit 1
	around = apart / compared
	verdict(around >= 0 && around <= most_around, "agrees-on-the-mean")
	printf "# expected (CPU): up to %d ticks more than kernel, an exit; actual: %.1f\n",
	       most_around, around
	print "# ticks of an exit, those of the CPU less that, and KVM\047s:"
	print "# reason name                exits      p50      KVM      p99      KVM    p99.9      KVM      max      KVM"
	for (reason in seen)
		if (is_kernels[reason])
			judge_reason(reason)
		else
			printf "# %6s %-16s %8d, which needed more than KVM\n", reason,
			       name[reason], seen[reason]
	exit failed > 0
}
