/// What a layer's bytes go through after the writer has filled a block with them: diff ID, compressor, digest, file.
///
/// The diff ID and the file are made in order, each by one thread at a time; members are packed by any number. Whoever is
/// free takes the next work there is. The writer's thread works too when too much is in memory, so that it waits only for
/// what another thread has already begun.
final class LayerPipeline: @unchecked Sendable {
  /// One block of the archive on its way, a member of the compressed layer where there is a compressor.
  struct Block {
    let bytes: ByteBlock
    /// What goes into the file; nil as long as it has to be packed.
    var packed: [UInt8]?
  }

  enum Work {
    case hash(ByteBlock)
    case pack(ByteBlock, at: Int)
    case write([UInt8])
  }

  private let packing: MemberPacking?
  private let executor: (any LayerExecutor)?
  private let condition = ConditionLock()

  // All below is read and written with the lock held.
  private var blocks = [Block]()
  /// The number of the first of `blocks`; the numbers below are of the next block for each kind of work.
  private var first = 0
  private var nextToHash = 0
  private var nextToPack = 0
  private var nextToWrite = 0
  private var isHashing = false
  private var isWriting = false
  /// Works that some thread has begun.
  private var running = 0
  /// Jobs handed to the executor that have not ended.
  private var helpers = 0
  /// Those of them that have begun.
  private var active = 0
  private var isClosed = false
  private var failure: OCIError?
  private var spare = [ByteBlock]()
  /// nil when the layer is finished or given up: jobs that the executor has yet to run must not keep the file.
  private var ingest: BlobIngest?

  // Each of these belongs to whoever hashes or writes.
  private var archiveDigest = RunningDigest()
  private var fileDigest = RunningDigest()

  init(ingest: BlobIngest, packing: MemberPacking?, executor: (any LayerExecutor)?) {
    self.ingest = ingest
    self.packing = packing
    self.executor = executor
  }

  /// Blocks that may be in memory beside the one that the writer fills. Threads that are busy elsewhere do not count, for
  /// many layers may be written at once.
  private var limit: Int { executor == nil ? 0 : active + 3 }

  private var end: Int { first + blocks.count }

  /// An empty block: one that was used before, where there is one.
  func block(size: Int) -> ByteBlock {
    condition.withLock { spare.popLast() } ?? ByteBlock(size: size)
  }

  /// Takes a filled block, and returns when there is room for another one.
  func submit(_ bytes: ByteBlock) throws(OCIError) {
    condition.lock()
    blocks.append(Block(bytes: bytes))
    startHelper()
    condition.unlock()
    // What need not be packed is written by this thread, which has it in its processor's cache, while another one hashes.
    let written =
      packing == nil ? Result { () throws(OCIError) in try ingest?.write(bytes.filled) } : nil
    condition.lock()
    if let written {
      nextToWrite += 1
      if case .failure(let error) = written { failure = error }
      freeBlocks()
    }
    work(downTo: limit)
    let failure = failure
    condition.unlock()
    if let failure { throw failure }
  }

  /// Waits for all work, and gives the file its name.
  func finish() throws(OCIError) -> (diffID: Digest, digest: Digest, size: Int64) {
    condition.lock()
    work(downTo: 0)
    let failure = failure
    condition.unlock()
    if let failure { throw failure }
    let diffID = archiveDigest.finish()
    let digest = packing == nil ? diffID : fileDigest.finish()
    return (diffID, digest, try ingest?.finish(digest) ?? 0)
  }

  /// Begins no more work, waits for what was begun, and lets go of the memory. Jobs that the executor runs later find
  /// nothing to do.
  func close() {
    condition.lock()
    isClosed = true
    while running > 0 { condition.wait() }
    blocks = []
    spare = []
    ingest = nil
    condition.unlock()
  }

  /// Works or waits until no more than `count` blocks are left. With the lock held.
  private func work(downTo count: Int) {
    while blocks.count > count && failure == nil {
      if let work = claim() {
        condition.unlock()
        perform(work)
        condition.lock()
      } else {
        condition.wait()
      }
    }
  }

  /// With the lock held, which is let go of for a moment.
  private func startHelper() {
    guard let executor, helpers < executor.threadCount else { return }
    helpers += 1
    condition.unlock()
    executor.execute { [self] in help() }
    condition.lock()
  }

  private func help() {
    condition.lock()
    active += 1
    while let work = claim() {
      condition.unlock()
      perform(work)
      condition.lock()
    }
    active -= 1
    helpers -= 1
    condition.unlock()
  }

  /// The next work that nobody has begun, what holds up the most first. With the lock held.
  private func claim() -> Work? {
    guard failure == nil, !isClosed else { return nil }
    let work: Work
    if !isHashing, nextToHash < end {
      isHashing = true
      work = .hash(blocks[nextToHash - first].bytes)
    } else if !isWriting, nextToWrite < end, let packed = blocks[nextToWrite - first].packed {
      isWriting = true
      work = .write(packed)
    } else if packing != nil, nextToPack < end {
      work = .pack(blocks[nextToPack - first].bytes, at: nextToPack)
      nextToPack += 1
    } else {
      return nil
    }
    running += 1
    return work
  }

  private func perform(_ work: Work) {
    switch work {
    case .hash(let block):
      archiveDigest.update(block.filled)
      complete {
        isHashing = false
        nextToHash += 1
      }
    case .write(let packed):
      let result = Result { () throws(OCIError) in
        try packed.withBytes { (bytes) throws(OCIError) in
          fileDigest.update(bytes)
          try ingest?.write(bytes)
        }
      }
      complete {
        isWriting = false
        nextToWrite += 1
        if case .failure(let error) = result { failure = error }
      }
    case .pack(let block, let number):
      let result = Result { () throws(OCIError) in try packing?.pack(block.filled) ?? [] }
      complete {
        switch result {
        case .success(let packed): blocks[number - first].packed = packed
        case .failure(let error): failure = error
        }
      }
    }
  }

  /// Notes that a work is done, and frees the blocks that need none any more.
  private func complete(_ note: () -> Void) {
    condition.lock()
    running -= 1
    note()
    freeBlocks()
    condition.wakeAll()
    condition.unlock()
  }

  /// With the lock held.
  private func freeBlocks() {
    while let block = blocks.first, first < nextToHash, first < nextToWrite {
      block.bytes.clear()
      spare.append(block.bytes)
      blocks.removeFirst()
      first += 1
    }
  }
}

/// SHA-256 within a class, where a noncopyable value cannot be consumed.
private struct RunningDigest: ~Copyable {
  private var hasher: SHA256Hasher? = SHA256Hasher()

  mutating func update(_ bytes: UnsafeRawBufferPointer) { hasher?.update(bytes) }

  mutating func finish() -> Digest { hasher.take()?.finish() ?? .sha256(of: []) }
}
