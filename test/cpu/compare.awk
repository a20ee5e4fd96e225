# Of compare: first the marks' rows "guest what value", then L1's claims, which are
# lines "cpu compare ISA FIRST-MARK LAST-MARK NAME", "cpu l1d-flush" if KVM may do so
# before an entry, "cpu any-end" if the vCPU may have slept, or KVM have emulated it,
# for long after its last exit, "cpu no-times" if L1's CPUs take turns, in one time, or
# its kernel has instructions of a sanitizer around an exit,
# "cpu others" if another VM ran then, too, and for each vCPU "cpu row VCPU REASON
# EXITS" and "cpu account VCPU NAME TICKS".

BEGIN {
	# Account guest is from KVM's look at the clock before the entry to that
	# after the exit. Between those and the CPU's own are so many instructions
	# at most, of each exit.
	around_exit = 400
	# Before a vCPU's first entry and after its last exit. The CPU sees neither,
	# nor whether another thread ran then.
	around_life = 200000
}

# What the CPU counted between the marks "first" and "last": delta[guest, row], and the
# guests that had an exit then.
function read_delta(    m, i, guest, which) {
	split("", delta)
	split("", seen_at)
	nr_guests = 0
	for (m = first + 1; m <= last; m++)
		for (i = 1; i <= nr_changes[m]; i++) {
			guest = changed_guest[m, i]
			which = changed_row[m, i]
			if (!(guest in seen_at)) {
				seen_at[guest] = m
				guests[++nr_guests] = guest
			}
			# Since before the first mark, when it was another vCPU's.
			if (which == "at mark" && seen_at[guest] == m)
				continue
			if (which == "at mark")
				which = "outside"
			delta[guest, which] += change[m, i]
		}
}

function exits_of(guest,    i, sum) {
	for (i = 1; i <= nr_rows; i++)
		sum += delta[guest, rows[i]]
	return sum + 0
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
	return exits_of(guest) && !is_taken[guest]
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
		if (!exits_of(guests[i]) || is_taken[guests[i]])
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
function exits_of_anyone(    i, n) {
	for (i = 1; i <= nr_guests; i++)
		n += exits_of(guests[i])
	return n + 0
}

function exits_of_nobody(    i, n) {
	for (i = 1; i <= nr_guests; i++)
		if (!is_taken[guests[i]])
			n += exits_of(guests[i])
	return n + 0
}

# The VMCSs of a list, and the exits of each.
function describe(list,    i, n, part, text) {
	n = split(list, part)
	for (i = 1; i <= n; i++) {
		text = text sprintf("%s0x%x (%.0f exits", i > 1 ? ", " : "",
				    part[i], exits_of(part[i]))
		if (delta[part[i], "refused"])
			text = text sprintf(", %d of them entries that failed",
					    delta[part[i], "refused"])
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
		wrong += !is_vm_all_vcpus() + (!has_others && exits_of_nobody() > 0)
	verdict(!wrong, "cpu-agrees")
	for (v = 1; v <= nr_vcpus; v++) {
		if (guests_of[vcpus[v]] == "")
			show_difference(vcpus[v])
		else
			printf "# %s: %.0f exits, %d reasons; VMCS (VMCB): %s\n",
			       vcpus[v], total_of[vcpus[v]], reasons_of[vcpus[v]],
			       describe(guests_of[vcpus[v]])
	}
	if (!has_others && exits_of_nobody())
		printf "# the CPU counted %.0f exits that no vCPU has\n", exits_of_nobody()
	if (!is_vm_all_vcpus())
		print "# the VM\047s own table is not the sum of those"
	if (!nr_vcpus && wrong)
		printf "# expected (CPU): %.0f exits, actual (debugfs): none\n", wrong
	return !wrong
}

# ticks WHERE VCPU: what the CPU counted in all of its VMCSs.
function ticks(where, vcpu,    i, n, part, sum) {
	n = split(guests_of[vcpu], part)
	for (i = 1; i <= n; i++)
		sum += delta[part[i], where]
	return sum + 0
}

function account(vcpu, which) {
	return account_of[vcpu, which]
}

# What KVM says it did for a vCPU while that was in KVM_RUN.
function said_of(vcpu) {
	return account(vcpu, "kernel") + account(vcpu, "vmm") + \
	       account(vcpu, "wait") + account(vcpu, "halted") + \
	       account(vcpu, "preempted")
}

function same_exits(v, w,    i) {
	for (i = 1; i <= nr_rows; i++)
		if (claim[v, rows[i]] + 0 != claim[w, rows[i]] + 0)
			return 0
	return guests_of[v] !~ / / && guests_of[w] !~ / /
}

# Of two vCPUs with the same exits, that with more time has the VMCS with more time.
function tell_twins(v, w,    guest, more_said, more_seen) {
	if (!same_exits(v, w))
		return
	more_said = said_of(v) + account(v, "guest") - said_of(w) - account(w, "guest")
	more_seen = ticks("outside", v) + ticks("inside", v) - ticks("outside", w) - \
		    ticks("inside", w)
	if (more_said * more_seen >= 0)
		return
	guest = guests_of[v]
	guests_of[v] = guests_of[w]
	guests_of[w] = guest
}

function tell_all_twins(    i, j, n) {
	for (n = 1; n < nr_vcpus; n++)
		for (i = 1; i < nr_vcpus; i++)
			for (j = i + 1; j <= nr_vcpus; j++)
				tell_twins(vcpus[i], vcpus[j])
}

function judge_guest(vcpu,    around) {
	around = account(vcpu, "guest") - ticks("inside", vcpu)
	if (has_l1d_flush)
		return
	verdict(around >= 0 && around <= around_exit * total_of[vcpu],
		"cpu-agrees-on-guest-of-" vcpu)
	printf "# expected (CPU): %.0f ticks, and up to %d an exit\n",
	       ticks("inside", vcpu), around_exit
	printf "# actual (account guest): %.0f, %.1f more an exit\n",
	       account(vcpu, "guest"), around / total_of[vcpu]
}

# What KVM did for a vCPU while the CPU was not in its guest; of what is in account
# "outside", some is between two entries and some before the first.
function judge_kernel(vcpu,    seen, said, more) {
	seen = ticks("outside", vcpu) - account(vcpu, "guest") + ticks("inside", vcpu)
	said = said_of(vcpu)
	more = around_life + account(vcpu, "preempted")
	verdict(said >= seen - account(vcpu, "outside") &&
		(said <= seen + more || has_any_end),
		"cpu-agrees-on-kernel-of-" vcpu)
	printf "# expected (CPU): %.0f ticks, less up to %.0f, or up to %.0f more\n",
	       seen, account(vcpu, "outside"), more
	printf "# actual (accounts kernel, vmm, wait, halted, preempted): %.0f\n", said
}

# A vCPU with guests of its own is in one VMCS while it is not in the other.
function judge_times(    v) {
	for (v = 1; v <= nr_vcpus; v++) {
		if (!ticks("outside", vcpus[v]))
			continue
		judge_guest(vcpus[v])
		if (guests_of[vcpus[v]] !~ / /)
			judge_kernel(vcpus[v])
	}
}

function judge() {
	if (name == "")
		return
	split("", is_taken)
	read_delta()
	if (!judge_exits() || has_no_times)
		return
	tell_all_twins()
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
	sub(/-books-close$/, "", name)
	nr_vcpus = has_l1d_flush = has_any_end = has_no_times = has_others = 0
	split("", claim)
	split("", total_of)
	split("", reasons_of)
	next
}
$1 == "cpu" && $2 == "l1d-flush" { has_l1d_flush = 1; next }
$1 == "cpu" && $2 == "no-times" { has_no_times = 1; next }
$1 == "cpu" && $2 == "others" { has_others = 1; next }
$1 == "cpu" && $2 == "any-end" { has_any_end = 1; next }
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

# what_row WHAT: the row of debugfs, or of what else the CPU counts.
function what_row(what) {
	if (what == 4294967296)
		return "inside"
	if (what == 4294967297)
		return "outside"
	if (what == 4294967298)
		return "at mark"
	add_row(row(what))
	return row(what)
}

function add_change(guest, which, by) {
	nr_changes[mark]++
	changed_guest[mark, nr_changes[mark]] = guest
	changed_row[mark, nr_changes[mark]] = which
	change[mark, nr_changes[mark]] = by
}

$1 == 1 { mark = $2; next }
$1 == 2 { lost = $3; next }
mark == "end" { at_end[$1, $2] = $3; next }
$3 != latest[$1, $2] {
	by = $3 - latest[$1, $2]
	latest[$1, $2] = $3
	add_change($1, what_row($2), by)
	# VMX's flag of an entry that failed; SVM has errors instead.
	if (isa == "vmx" && $2 >= 2147483648 && $2 < 4294967296)
		add_change($1, "refused", by)
}

# The file that the emulator had mapped when it was killed has what the last mark has.
function judge_table(    key, less) {
	name = "the table is whole after the emulator was killed"
	for (key in latest)
		less += at_end[key] + 0 < latest[key] + 0
	verdict(!less, "cpu")
	name = "the table was large enough"
	verdict(!lost, "cpu")
}
END {
	judge()
	judge_table()
	exit failed > 0
}
