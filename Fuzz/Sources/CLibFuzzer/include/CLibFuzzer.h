// libFuzzer's own loop, as its documentation declares it ("Using libFuzzer as a library"): no header comes with it.
#pragma once
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*test_one_input)(const uint8_t *data, size_t size));
