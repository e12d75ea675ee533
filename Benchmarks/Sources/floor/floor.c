// What no program that unpacks and checks these packages can do without: reads each file, hashes it, decodes its
// members and hashes what comes out. Nothing is parsed, kept or written.
//
//   floor THREADS FILE...        .deb and .apk files; the biggest are taken first
//
// Prints how many bytes went in and came out. Sources: deb(5); apk's packages are gzip streams one after another.
#include <errno.h>
#include <fcntl.h>
#include <lzma.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { OUTPUT_SIZE = 128 << 10, MAX_THREADS = 256 };

struct file {
  const char *path;
  size_t size;
};

static struct file *files;
static size_t file_count;
static atomic_size_t next_file;
static atomic_ullong packed_bytes, decoded_bytes;

static void fail(const char *path, const char *what) {
  fprintf(stderr, "floor: %s: %s\n", path, what);
  exit(1);
}

struct sink {
  const char *path;
  EVP_MD_CTX *digest;
  unsigned char *output;
  unsigned long long count;
};

static void take(struct sink *sink, const void *bytes, size_t count) {
  if (!EVP_DigestUpdate(sink->digest, bytes, count)) fail(sink->path, "cannot be hashed");
  sink->count += count;
}

static void decode_xz(struct sink *sink, const unsigned char *bytes, size_t count) {
  lzma_stream stream = LZMA_STREAM_INIT;
  if (lzma_stream_decoder(&stream, UINT64_MAX, 0) != LZMA_OK) fail(sink->path, "liblzma cannot start");
  stream.next_in = bytes;
  stream.avail_in = count;
  lzma_ret answer;
  do {
    stream.next_out = sink->output;
    stream.avail_out = OUTPUT_SIZE;
    answer = lzma_code(&stream, LZMA_FINISH);
    take(sink, sink->output, OUTPUT_SIZE - stream.avail_out);
  } while (answer == LZMA_OK);
  lzma_end(&stream);
  if (answer != LZMA_STREAM_END) fail(sink->path, "holds no whole xz stream");
}

static void decode_gzip(struct sink *sink, const unsigned char *bytes, size_t count) {
  if (count > UINT32_MAX) fail(sink->path, "is over 4 GiB");
  z_stream stream = {.next_in = (unsigned char *)bytes, .avail_in = (uInt)count};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) fail(sink->path, "zlib cannot start");
  for (;;) {
    stream.next_out = sink->output;
    stream.avail_out = OUTPUT_SIZE;
    int answer = inflate(&stream, Z_NO_FLUSH);
    take(sink, sink->output, OUTPUT_SIZE - stream.avail_out);
    if (answer == Z_STREAM_END) {
      if (stream.avail_in == 0) break;
      inflateReset(&stream);
    } else if (answer != Z_OK) {
      fail(sink->path, "holds no whole gzip stream");
    }
  }
  inflateEnd(&stream);
}

static void decode_zstd(struct sink *sink, const unsigned char *bytes, size_t count) {
  ZSTD_DStream *stream = ZSTD_createDStream();
  if (!stream) fail(sink->path, "libzstd cannot start");
  ZSTD_inBuffer input = {bytes, count, 0};
  size_t answer = 1;
  while (input.pos < input.size || answer != 0) {
    ZSTD_outBuffer output = {sink->output, OUTPUT_SIZE, 0};
    answer = ZSTD_decompressStream(stream, &output, &input);
    if (ZSTD_isError(answer) || (output.pos == 0 && input.pos == input.size && answer != 0))
      fail(sink->path, "holds no whole zstd stream");
    take(sink, sink->output, output.pos);
  }
  ZSTD_freeDStream(stream);
}

static void decode(struct sink *sink, const unsigned char *bytes, size_t count) {
  static const unsigned char xz[] = {0xfd, '7', 'z', 'X', 'Z', 0}, gzip[] = {0x1f, 0x8b},
                             zstd[] = {0x28, 0xb5, 0x2f, 0xfd};
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length;
  if (!EVP_DigestInit_ex(sink->digest, EVP_sha256(), NULL)) fail(sink->path, "libcrypto cannot start");
  if (count >= sizeof xz && !memcmp(bytes, xz, sizeof xz)) decode_xz(sink, bytes, count);
  else if (count >= sizeof gzip && !memcmp(bytes, gzip, sizeof gzip)) decode_gzip(sink, bytes, count);
  else if (count >= sizeof zstd && !memcmp(bytes, zstd, sizeof zstd)) decode_zstd(sink, bytes, count);
  else take(sink, bytes, count);
  if (!EVP_DigestFinal_ex(sink->digest, digest, &length)) fail(sink->path, "cannot be hashed");
}

static void decode_members(struct sink *sink, const unsigned char *bytes, size_t count) {
  static const char magic[] = "!<arch>\n";
  enum { MAGIC = sizeof magic - 1, HEADER = 60, SIZE_AT = 48, SIZE_DIGITS = 10 };
  if (count < MAGIC || memcmp(bytes, magic, MAGIC)) {
    decode(sink, bytes, count);
    return;
  }
  size_t at = MAGIC;
  while (count - at >= HEADER) {
    char digits[SIZE_DIGITS + 1] = {0};
    memcpy(digits, bytes + at + SIZE_AT, SIZE_DIGITS);
    unsigned long long size = strtoull(digits, NULL, 10);
    const unsigned char *name = bytes + at;
    at += HEADER;
    if (size > count - at) fail(sink->path, "is cut off");
    if (!memcmp(name, "control.tar", 11) || !memcmp(name, "data.tar", 8)) decode(sink, bytes + at, size);
    at += size;
    if (size % 2 && at < count) at++;
  }
}

static void work_on(const struct file *file, EVP_MD_CTX *digest, unsigned char *output) {
  int descriptor = open(file->path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail(file->path, strerror(errno));
  unsigned char *bytes = malloc(file->size ? file->size : 1);
  if (!bytes) fail(file->path, "no memory");
  size_t done = 0;
  while (done < file->size) {
    ssize_t count = read(descriptor, bytes + done, file->size - done);
    if (count <= 0) fail(file->path, count < 0 ? strerror(errno) : "is cut off");
    done += (size_t)count;
  }
  close(descriptor);
  unsigned char value[EVP_MAX_MD_SIZE];
  unsigned length;
  if (!EVP_Digest(bytes, done, value, &length, EVP_sha256(), NULL)) fail(file->path, "cannot be hashed");
  struct sink sink = {.path = file->path, .digest = digest, .output = output};
  decode_members(&sink, bytes, done);
  free(bytes);
  packed_bytes += done;
  decoded_bytes += sink.count;
}

static void *work(void *context) {
  EVP_MD_CTX *digest = EVP_MD_CTX_new();
  unsigned char *output = malloc(OUTPUT_SIZE);
  if (!digest || !output) fail("a thread", "no memory");
  size_t number;
  while ((number = next_file++) < file_count) work_on(&files[number], digest, output);
  EVP_MD_CTX_free(digest);
  free(output);
  return context;
}

static int biggest_first(const void *left, const void *right) {
  const struct file *a = left, *b = right;
  return a->size < b->size ? 1 : a->size > b->size ? -1 : strcmp(a->path, b->path);
}

int main(int count, char **words) {
  long threads = count > 2 ? strtol(words[1], NULL, 10) : 0;
  if (threads < 1 || threads > MAX_THREADS) {
    fprintf(stderr, "usage: floor THREADS FILE...\n");
    return 64;
  }
  file_count = (size_t)count - 2;
  files = calloc(file_count, sizeof *files);
  if (!files) fail("files", "no memory");
  for (size_t number = 0; number < file_count; number++) {
    struct stat status;
    files[number].path = words[number + 2];
    if (stat(files[number].path, &status) != 0) fail(files[number].path, strerror(errno));
    files[number].size = (size_t)status.st_size;
  }
  qsort(files, file_count, sizeof *files, biggest_first);
  pthread_t pool[MAX_THREADS];
  for (long number = 0; number < threads; number++)
    if (pthread_create(&pool[number], NULL, work, NULL) != 0) fail("a thread", "cannot be started");
  for (long number = 0; number < threads; number++) pthread_join(pool[number], NULL);
  printf("%zu files, %llu bytes packed, %llu decoded\n", file_count,
         (unsigned long long)packed_bytes, (unsigned long long)decoded_bytes);
  return 0;
}
