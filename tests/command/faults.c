// Preloaded by tests: faults of a system, each asked for by a variable of the environment.
//   NO_LOCKS=1   files cannot be locked, as on some network file systems
//   DISK_FULL=N  the first N calls that write files or flush them find the disk full, but every third of them
//   CLOCK=N      time runs N times as fast
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long asked(const char* name) {
  const char* value = getenv(name);
  return value ? atol(value) : 0;
}

static int refuse(int reason) {
  errno = reason;
  return -1;
}

int flock(int file, int how) {
  return asked("NO_LOCKS") ? refuse(ENOLCK) : (int)syscall(SYS_flock, file, how);
}

int fcntl(int file, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  const int locks = command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK || command == F_OFD_SETLKW;
  return locks && asked("NO_LOCKS") ? refuse(ENOLCK) : (int)syscall(SYS_fcntl, file, command, argument);
}

int fcntl64(int, int, ...) __attribute__((alias("fcntl")));

static int disk_is_full(int file) {
  static long calls;
  struct stat status;
  if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) return 0;
  const long call = __atomic_fetch_add(&calls, 1, __ATOMIC_RELAXED);
  return call < asked("DISK_FULL") && call % 3 != 0;
}

ssize_t write(int file, const void* bytes, size_t size) {
  return disk_is_full(file) ? refuse(ENOSPC) : syscall(SYS_write, file, bytes, size);
}

int fsync(int file) {
  return disk_is_full(file) ? refuse(ENOSPC) : (int)syscall(SYS_fsync, file);
}

int clock_gettime(clockid_t clock, struct timespec* time) {
  const int result = (int)syscall(SYS_clock_gettime, clock, time);
  const long faster = asked("CLOCK");
  if (result == 0 && faster && clock == CLOCK_MONOTONIC) {
    const __int128 ns = ((__int128)time->tv_sec * 1000000000 + time->tv_nsec) * faster;
    time->tv_sec = (time_t)(ns / 1000000000);
    time->tv_nsec = (long)(ns % 1000000000);
  }
  return result;
}

int nanosleep(const struct timespec* time, struct timespec* left) {
  const long faster = asked("CLOCK");
  const long long ns = (time->tv_sec * 1000000000LL + time->tv_nsec) / (faster ? faster : 1);
  const struct timespec shorter = {ns / 1000000000, ns % 1000000000};
  return (int)syscall(SYS_nanosleep, &shorter, left);
}
