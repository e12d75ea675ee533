// Packs one file with zlib, libdeflate and zstd at several levels, on one thread, and prints what each makes of it:
//
//   compressors RUNS FILE
//
// Lines of LIBRARY VERSION LEVEL BYTES SECONDS, where SECONDS is the median of the processor time of RUNS runs (of one run
// where the first took more than a second). zlib packs one stream; libdeflate and zstd pack members of 1.5 MiB, about what
// the layer writer cuts.
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <libdeflate.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>
#include <zstd.h>

enum { MEMBER = 3 << 19, RUNS_MAX = 99 };

struct bytes {
  uint8_t *start;
  size_t count;
};

// Packs `input` at `level` into `output`; returns the size, 0 where that fails.
typedef size_t (*packer)(struct bytes input, struct bytes output, int level);

static void fail(const char *subject, const char *words) {
  fprintf(stderr, "compressors: %s: %s\n", subject, words);
  exit(1);
}

static size_t with_zlib(struct bytes input, struct bytes output, int level) {
  z_stream stream = {.next_in = input.start, .avail_in = (uInt)input.count, .next_out = output.start,
                     .avail_out = (uInt)output.count};
  // 15 bits of window, and 16 for gzip's header.
  if (deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
  int status = deflate(&stream, Z_FINISH);
  size_t size = stream.total_out;
  deflateEnd(&stream);
  return status == Z_STREAM_END ? size : 0;
}

static size_t with_libdeflate(struct bytes input, struct bytes output, int level) {
  struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(level);
  if (compressor == NULL) return 0;
  size_t size = 0;
  for (size_t at = 0; at < input.count; at += MEMBER) {
    size_t count = input.count - at < MEMBER ? input.count - at : MEMBER;
    size_t packed = libdeflate_gzip_compress(compressor, input.start + at, count, output.start + size, output.count - size);
    if (packed == 0) {
      size = 0;
      break;
    }
    size += packed;
  }
  libdeflate_free_compressor(compressor);
  return size;
}

static size_t with_zstd(struct bytes input, struct bytes output, int level) {
  ZSTD_CCtx *context = ZSTD_createCCtx();
  if (context == NULL) return 0;
  size_t size = 0;
  for (size_t at = 0; at < input.count; at += MEMBER) {
    size_t count = input.count - at < MEMBER ? input.count - at : MEMBER;
    size_t packed =
        ZSTD_compressCCtx(context, output.start + size, output.count - size, input.start + at, count, level);
    if (ZSTD_isError(packed)) {
      size = 0;
      break;
    }
    size += packed;
  }
  ZSTD_freeCCtx(context);
  return size;
}

static double processor_time(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int ascending(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static void measure(const char *library, const char *version, packer pack, int level, int runs, struct bytes input,
                    struct bytes output) {
  double times[RUNS_MAX];
  size_t size = 0;
  int count = 0;
  while (count < runs && (count == 0 || times[0] <= 1)) {
    double start = processor_time();
    size = pack(input, output, level);
    times[count++] = processor_time() - start;
    if (size == 0) fail(library, "cannot pack the file");
  }
  qsort(times, (size_t)count, sizeof times[0], ascending);
  printf("%s %s %d %zu %.6f\n", library, version, level, size, times[count / 2]);
  fflush(stdout);
}

static struct bytes content(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) fail(path, strerror(errno));
  if (fseek(file, 0, SEEK_END) != 0) fail(path, strerror(errno));
  long count = ftell(file);
  // zlib is given the whole file at once, whose size it counts in 32 bits.
  if (count <= 0 || count > 1 << 30) fail(path, "expected a file of 1 byte to 1 GiB");
  rewind(file);
  struct bytes bytes = {malloc((size_t)count), (size_t)count};
  if (bytes.start == NULL || fread(bytes.start, 1, bytes.count, file) != bytes.count) fail(path, "cannot be read");
  fclose(file);
  return bytes;
}

int main(int count, char **words) {
  int runs = count == 3 ? atoi(words[1]) : 0;
  if (runs < 1 || runs > RUNS_MAX) {
    fprintf(stderr, "usage: compressors RUNS FILE\n");
    return 64;
  }
  struct bytes input = content(words[2]);
  struct bytes output = {NULL, input.count + input.count / 8 + (1 << 20)};
  output.start = malloc(output.count);
  if (output.start == NULL) fail(words[2], "too large for memory");
  // Touched first, so that no run pays for new pages.
  memset(output.start, 1, output.count);
  static const int zlib_levels[] = {1, 2, 3, 4, 5, 6, 7, 9};
  for (size_t at = 0; at < sizeof zlib_levels / sizeof zlib_levels[0]; at++)
    measure("zlib", zlibVersion(), with_zlib, zlib_levels[at], runs, input, output);
  for (int level = 1; level <= 9; level++)
    measure("libdeflate", LIBDEFLATE_VERSION_STRING, with_libdeflate, level, runs, input, output);
  for (int level = 1; level <= 9; level++)
    measure("zstd", ZSTD_versionString(), with_zstd, level, runs, input, output);
  free(output.start);
  free(input.start);
  return 0;
}
