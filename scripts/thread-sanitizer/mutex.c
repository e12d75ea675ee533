// Tells ThreadSanitizer what Swift's Mutex does where two threads want it at once.
//
// The fast paths of Synchronization.Mutex are compiled into the program, and so are seen; the slow ones lie in
// libswiftSynchronization, which is not instrumented. Without word of them, all that a contended mutex guards looks like a
// race. Loaded with LD_PRELOAD, this stands before them. Source: the module's swiftinterface; self is the mutex, in the
// context register of Swift's calling convention.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

// Not there in programs that are not instrumented.
extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

typedef SWIFT void (*lock_function)(uint32_t thread, SELF void *mutex);
typedef SWIFT void (*unlock_function)(SELF void *mutex);
typedef SWIFT bool (*try_function)(SELF void *mutex);

SWIFT void lock_slow(uint32_t thread, SELF void *mutex) __asm__("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
SWIFT void unlock_slow(SELF void *mutex) __asm__("$s15Synchronization12_MutexHandleV11_unlockSlowyyF");
SWIFT bool try_lock_slow(SELF void *mutex) __asm__("$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF");

static void *real(const char *name) {
  void *function = dlsym(RTLD_NEXT, name);
  if (!function) __builtin_trap();
  return function;
}

SWIFT void lock_slow(uint32_t thread, SELF void *mutex) {
  ((lock_function)real("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"))(thread, mutex);
  if (__tsan_acquire) __tsan_acquire(mutex);
}

SWIFT void unlock_slow(SELF void *mutex) {
  if (__tsan_release) __tsan_release(mutex);
  ((unlock_function)real("$s15Synchronization12_MutexHandleV11_unlockSlowyyF"))(mutex);
}

SWIFT bool try_lock_slow(SELF void *mutex) {
  bool taken = ((try_function)real("$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"))(mutex);
  if (taken && __tsan_acquire) __tsan_acquire(mutex);
  return taken;
}
