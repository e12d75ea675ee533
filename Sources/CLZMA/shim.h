#pragma once
#include <lzma.h>

// A decoder of .xz files of one or more streams, on one thread or several. The flag is a macro that Swift does not
// import. Limits are in bytes: over `threading_limit` blocks are decoded one after the other, over `limit` not at all.
static inline lzma_ret dhi_xz_decoder_init(lzma_stream *stream, uint32_t threads,
                                           uint64_t threading_limit, uint64_t limit) {
  if (threads < 2)
    return lzma_stream_decoder(stream, limit, LZMA_CONCATENATED);
  // In milliseconds: how long a call may wait for its threads before it comes back for a look at the cancellation.
  lzma_mt options = {.flags = LZMA_CONCATENATED, .threads = threads, .timeout = 100};
  options.memlimit_threading = threading_limit;
  options.memlimit_stop = limit;
  return lzma_stream_decoder_mt(stream, &options);
}
