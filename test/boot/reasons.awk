# For L1's witness and test/cpu/compare: an exit reason as debugfs has it. isa is
# vmx or svm, ranges those of test/facts/reasons of that ISA.

# Each range in its own order, which for errors is downwards.
function is_defined(reason,    i) {
	for (i = 1; i <= nr_reasons; i += 2)
		if ((reason >= first_reason[i] && reason <= first_reason[i + 1]) ||
		    (reason <= first_reason[i] && reason >= first_reason[i + 1]))
			return 1
	return 0
}

# row REASON: without VMX's flags above the basic reason, SVM's errors negative, and
# "other" for those without a row. KVM has a row for every number of VMX up to the
# last.
function row(reason) {
	if (isa == "vmx") {
		reason %= 65536
		return reason > first_reason[nr_reasons] ? "other" : reason
	}
	if (reason >= 4294967292)
		reason -= 4294967296
	return is_defined(reason) ? reason : "other"
}

function read_reasons(    i) {
	nr_reasons = split(ranges, first_reason)
	for (i = 1; i <= nr_reasons; i++)
		first_reason[i] += 0
}

BEGIN { read_reasons() }
