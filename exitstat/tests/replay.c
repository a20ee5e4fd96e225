// SPDX-License-Identifier: GPL-2.0-only
/* Give files to what the fuzzer calls; what it complains of is of no use here. */
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
	static uint8_t data[1 << 20];
	int i;

	if (!freopen("/dev/null", "w", stderr))
		return 1;
	for (i = 1; i < argc; i++) {
		FILE *in = fopen(argv[i], "r");
		size_t size = in ? fread(data, 1, sizeof(data), in) : 0;

		if (!in || ferror(in)) {
			printf("cannot read %s\n", argv[i]);
			return 1;
		}
		fclose(in);
		LLVMFuzzerTestOneInput(data, size);
	}
	printf("%d inputs\n", argc - 1);
	return argc > 1 ? 0 : 1;
}
