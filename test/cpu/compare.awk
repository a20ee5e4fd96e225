# Of compare: first the marks' rows "guest what value", then L1's claims, which are
# lines "cpu compare ISA FIRST-MARK LAST-MARK NAME", "cpu l1d-flush" if KVM may do so
# before an entry, and for each vCPU "cpu row VCPU REASON EXITS" and
# "cpu account VCPU NAME TICKS".

BEGIN {
	# Account guest is from KVM's look at the clock before the entry to that
	# after the exit. Between those and the CPU's own are so many instructions
	# at most, of each exit.
	around_exit = 320
	# Before a vCPU's first entry and after its last exit. The CPU sees neither.
	around_life = 200000
}

# The rows that a guest's exits between two marks are, as text: "reason exits" each,
# in order; and the same in delta[guest, reason].
function rows_of(guest,    i, n, text) {
	text = ""
	for (i = 1; i <= nr_rows; i++) {
		n = count[last, guest, rows[i]] - count[first, guest, rows[i]]
		delta[guest, rows[i]] = n
		if (n)
			text = text rows[i] " " n "\n"
	}
	return text
}

function claim_of(vcpu,    i, n, text) {
	text = ""
	for (i = 1; i <= nr_rows; i++) {
		n = claim[vcpu, rows[i]]
		if (n)
			text = text rows[i] " " n "\n"
	}
	return text
}

# Do the guests a, b and c (which may be the same) together have the vCPU's rows?
function together(vcpu, a, b, c,    i, n) {
	for (i = 1; i <= nr_rows; i++) {
		n = delta[a, rows[i]]
		if (b != a)
			n += delta[b, rows[i]]
		if (c != b)
			n += delta[c, rows[i]]
		if (n != claim[vcpu, rows[i]] + 0)
			return 0
	}
	return 1
}

# May it be a part: has it no more than the vCPU of anything?
function fits(vcpu, guest,    i) {
	for (i = 1; i <= nr_rows; i++)
		if (delta[guest, rows[i]] > claim[vcpu, rows[i]] + 0)
			return 0
	return text_of[guest] != "" && !is_taken[guest]
}

# The guests of a vCPU: their numbers, or "".
function find(vcpu,    i, j, k, n, part) {
	n = 0
	for (i = 1; i <= nr_guests; i++)
		if (fits(vcpu, guests[i]))
			part[++n] = guests[i]
	for (i = 1; i <= n; i++)
		for (j = i; j <= n; j++)
			for (k = j; k <= n; k++)
				if (together(vcpu, part[i], part[j], part[k])) {
					is_taken[part[i]] = 1
					is_taken[part[j]] = 1
					is_taken[part[k]] = 1
					return part[i] (j > i ? " " part[j] : "") \
					       (k > j ? " " part[k] : "")
				}
	return ""
}

# The guest whose rows differ least, for people.
function nearest(vcpu,    i, j, n, d, least, found) {
	least = -1
	for (i = 1; i <= nr_guests; i++) {
		if (text_of[guests[i]] == "" || is_taken[guests[i]])
			continue
		n = 0
		for (j = 1; j <= nr_rows; j++) {
			d = delta[guests[i], rows[j]] - claim[vcpu, rows[j]]
			n += d < 0 ? -d : d
		}
		if (least < 0 || n < least) {
			least = n
			found = guests[i]
		}
	}
	return found
}

function show_difference(vcpu,    i, guest, own, cpu) {
	guest = nearest(vcpu)
	printf "# %s has no VMCS (VMCB) whose exits are its; nearest is that at 0x%x:\n",
	       vcpu, guest
	for (i = 1; i <= nr_rows; i++) {
		cpu = delta[guest, rows[i]] + 0
		own = claim[vcpu, rows[i]] + 0
		if (cpu != own)
			printf "# reason %s: expected (CPU): %.0f, actual (debugfs): %.0f\n",
			       rows[i], cpu, own
	}
}

# For a VM that never ran, which no other does beside it.
function exits_of_anyone(    i, j, n) {
	for (i = 1; i <= nr_guests; i++)
		for (j = 1; j <= nr_rows; j++)
			n += delta[guests[i], rows[j]]
	return n + 0
}

# The VMCSs of a list, and the exits of each.
function describe(list,    i, j, n, part, exits, failed_entries, text) {
	n = split(list, part)
	for (i = 1; i <= n; i++) {
		failed_entries = refused[last, part[i]] - refused[first, part[i]]
		exits = 0
		for (j = 1; j <= nr_rows; j++)
			exits += delta[part[i], rows[j]]
		text = text sprintf("%s0x%x (%.0f exits", i > 1 ? ", " : "",
				    part[i], exits)
		if (failed_entries)
			text = text sprintf(", %d of them entries that failed",
					    failed_entries)
		text = text ")"
	}
	return text
}

# Has the VM's table what the CPU counted for all of its vCPUs?
function is_vm_all_vcpus(    i, j, v, n, part, sum) {
	for (v = 1; v <= nr_vcpus; v++) {
		n = split(guests_of[vcpus[v]], part)
		for (i = 1; i <= n; i++)
			for (j = 1; j <= nr_rows; j++)
				sum[rows[j]] += delta[part[i], rows[j]]
	}
	for (j = 1; j <= nr_rows; j++)
		if (sum[rows[j]] + 0 != claim["vm", rows[j]] + 0)
			return 0
	return 1
}

# verdict OK NAME
function verdict(ok, what) {
	printf "%s %d %s: %s\n", ok ? "ok" : "not ok", ++nr, what, name
	failed += !ok
}

function judge_exits(    i, v, wrong) {
	for (v = 1; v <= nr_vcpus; v++) {
		guests_of[vcpus[v]] = find(vcpus[v])
		wrong += guests_of[vcpus[v]] == ""
	}
	if (!nr_vcpus)
		wrong = exits_of_anyone()
	else
		wrong += !is_vm_all_vcpus()
	verdict(!wrong, "cpu-agrees")
	for (v = 1; v <= nr_vcpus; v++) {
		if (guests_of[vcpus[v]] == "")
			show_difference(vcpus[v])
		else
			printf "# %s: %.0f exits, %d reasons; VMCS (VMCB): %s\n",
			       vcpus[v], total_of[vcpus[v]], reasons_of[vcpus[v]],
			       describe(guests_of[vcpus[v]])
	}
	if (!is_vm_all_vcpus())
		print "# the VM\047s own table is not the sum of those"
	if (!nr_vcpus && wrong)
		printf "# expected (CPU): %.0f exits, actual (debugfs): none\n", wrong
	return !wrong
}

# ticks TABLE VCPU: what the CPU counted in all of its VMCSs.
function ticks(table, vcpu,    i, n, part, sum) {
	n = split(guests_of[vcpu], part)
	for (i = 1; i <= n; i++)
		sum += table[last, part[i]] - table[first, part[i]]
	return sum + 0
}

function account(vcpu, which) {
	return account_of[vcpu, which]
}

function judge_guest(vcpu,    around) {
	around = account(vcpu, "guest") - ticks(inside, vcpu)
	if (has_l1d_flush)
		return
	verdict(around >= 0 && around <= around_exit * total_of[vcpu],
		"cpu-agrees-on-guest-of-" vcpu)
	printf "# expected (CPU): %.0f ticks, and up to %d an exit\n",
	       ticks(inside, vcpu), around_exit
	printf "# actual (account guest): %.0f, %.1f more an exit\n",
	       account(vcpu, "guest"), around / total_of[vcpu]
}

# What KVM did for a vCPU while the CPU was not in its guest; of what is in account
# "outside", some is between two entries and some before the first.
function judge_kernel(vcpu,    seen, said) {
	seen = ticks(outside, vcpu) - account(vcpu, "guest") + ticks(inside, vcpu)
	said = account(vcpu, "kernel") + account(vcpu, "vmm") + \
	       account(vcpu, "wait") + account(vcpu, "halted") + \
	       account(vcpu, "preempted")
	verdict(said >= seen - account(vcpu, "outside") && said <= seen + around_life,
		"cpu-agrees-on-kernel-of-" vcpu)
	printf "# expected (CPU): %.0f ticks, less up to %.0f, or up to %d more\n",
	       seen, account(vcpu, "outside"), around_life
	printf "# actual (accounts kernel, vmm, wait, halted, preempted): %.0f\n", said
}

# A vCPU with guests of its own is in one VMCS while it is not in the other.
function judge_times(    v) {
	for (v = 1; v <= nr_vcpus; v++) {
		if (!ticks(outside, vcpus[v]))
			continue
		judge_guest(vcpus[v])
		if (guests_of[vcpus[v]] !~ / /)
			judge_kernel(vcpus[v])
	}
}

function judge(    i) {
	if (name == "")
		return
	split("", is_taken)
	split("", delta)
	for (i = 1; i <= nr_guests; i++)
		text_of[guests[i]] = rows_of(guests[i])
	if (judge_exits())
		judge_times()
}

function add_row(reason) {
	if (reason in is_row)
		return
	is_row[reason] = 1
	rows[++nr_rows] = reason
}

$1 == "cpu" && $2 == "compare" {
	judge()
	first = $4
	last = $5
	$1 = $2 = $3 = $4 = $5 = ""
	name = $0
	sub(/^ */, "", name)
	nr_vcpus = has_l1d_flush = 0
	split("", claim)
	split("", total_of)
	split("", reasons_of)
	next
}
$1 == "cpu" && $2 == "l1d-flush" { has_l1d_flush = 1; next }
$1 == "cpu" && $2 == "account" { account_of[$3, $4] = $5; next }
$1 == "cpu" && $4 == "total" { total_of[$3] = $5; next }
$1 == "cpu" {
	add_row($4)
	claim[$3, $4] = $5
	if ($3 == "vm")
		next
	if (!reasons_of[$3]++)
		vcpus[++nr_vcpus] = $3
	next
}
$1 == 1 { before = mark; mark = $2; next }
$1 == 2 { lost = $3; next }
$2 == 4294967296 { inside[mark, $1] = $3; next }
$2 == 4294967297 { outside[mark, $1] = $3; next }
{
	if (!($1 in is_guest)) {
		is_guest[$1] = 1
		guests[++nr_guests] = $1
	}
	add_row(row($2))
	count[mark, $1, row($2)] += $3
	# VMX's flag of an entry that failed; SVM has errors instead.
	if (isa == "vmx" && $2 >= 2147483648)
		refused[mark, $1] += $3
}
# The file that the emulator had mapped when it was killed has what the last mark has.
function judge_table(    i, j, less) {
	name = "the table is whole after the emulator was killed"
	for (i = 1; i <= nr_guests; i++)
		for (j = 1; j <= nr_rows; j++)
			less += count["end", guests[i], rows[j]] + 0 < \
				count[before, guests[i], rows[j]] + 0
	verdict(!less, "cpu")
	name = "the table was large enough"
	verdict(!lost, "cpu")
}
END {
	judge()
	judge_table()
	exit failed > 0
}
