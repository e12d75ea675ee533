#pragma once
#include <sys/syscall.h>
#include <unistd.h>

// renameat2(2) is a GNU extension, which Swift's Glibc module does not declare.
// RENAME_EXCHANGE (1 << 1, from linux/fs.h): both names exist and change places in one step.
static inline long dhi_exchange(const char *left, const char *right) {
  return syscall(SYS_renameat2, -100 /* AT_FDCWD */, left, -100, right, 2u);
}
