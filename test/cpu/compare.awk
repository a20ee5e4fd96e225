# Of compare: first the marks' rows "guest what value", then L1's claims, which are
# lines "cpu compare ISA FIRST-MARK LAST-MARK NAME", and for each vCPU
# "cpu row VCPU REASON EXITS".

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
					return part[i] " " part[j] " " part[k]
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
			printf "# reason %s: expected (CPU): %d, actual (debugfs): %d\n",
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

function judge(    i, wrong, total, reasons, vmcss, v, part) {
	if (name == "")
		return
	wrong = total = reasons = 0
	split("", is_taken)
	split("", delta)
	for (i = 1; i <= nr_guests; i++)
		text_of[guests[i]] = rows_of(guests[i])
	for (v = 1; v <= nr_vcpus; v++) {
		vmcss[v] = find(vcpus[v])
		wrong += vmcss[v] == ""
	}
	if (!nr_vcpus)
		wrong = exits_of_anyone()
	printf "%s %d cpu-agrees: %s\n", wrong ? "not ok" : "ok", ++nr, name
	for (v = 1; v <= nr_vcpus; v++) {
		if (vmcss[v] == "") {
			show_difference(vcpus[v])
			continue
		}
		split(vmcss[v], part)
		printf "# %s: %d exits, %d reasons, VMCS (VMCB) 0x%x%s\n", vcpus[v],
		       total_of[vcpus[v]], reasons_of[vcpus[v]], part[1],
		       part[2] == part[1] ? "" : " and others"
	}
	if (!nr_vcpus && wrong)
		print "# expected (CPU): " wrong " exits, actual (debugfs): none"
	failed += wrong
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
	nr_vcpus = 0
	split("", claim)
	split("", total_of)
	split("", reasons_of)
	next
}
$1 == "cpu" && $4 == "total" { total_of[$3] = $5; next }
$1 == "cpu" {
	add_row($4)
	claim[$3, $4] = $5
	if (!reasons_of[$3]++)
		vcpus[++nr_vcpus] = $3
	next
}
$1 == 1 { mark = $2; next }
$1 == 2 { lost += $3; next }
$2 < 4294967296 {
	if (!($1 in is_guest)) {
		is_guest[$1] = 1
		guests[++nr_guests] = $1
	}
	add_row(row($2))
	count[mark, $1, row($2)] += $3
}
END {
	judge()
	if (lost) {
		print "not ok " ++nr " cpu-table-was-large-enough"
		failed++
	}
	exit failed > 0
}
