#pragma once
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

// renameat2(2) is a GNU extension, which Swift's Glibc module does not declare.
// RENAME_EXCHANGE (1 << 1, from linux/fs.h): both names exist and change places in one step.
static inline long dhi_exchange(const char *left, const char *right) {
  return syscall(SYS_renameat2, -100 /* AT_FDCWD */, left, -100, right, 2u);
}

// sync_file_range(2) is a GNU extension too. SYNC_FILE_RANGE_WRITE (2, from linux/fs.h) starts and does not wait.
static inline long dhi_start_write_back(int descriptor, int64_t offset, int64_t count) {
#ifdef SYS_sync_file_range
  return syscall(SYS_sync_file_range, descriptor, offset, count, 2u);
#else
  return -1;
#endif
}
