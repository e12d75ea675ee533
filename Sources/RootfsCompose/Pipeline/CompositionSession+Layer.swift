import OCIImage

extension CompositionSession {
  /// Writes a platform's layers, several at once, and makes its manifest and configuration.
  func image(
    _ plan: LayerPlan, user: String, platform: Platform
  ) async throws -> PlatformImage {
    let share = LayerShare(pool: workers, layers: plan.layers.count)
    let layers = try await withThrowingTaskGroup(of: (Int, Layer).self) { group in
      for (position, part) in plan.layers.enumerated() {
        group.addTask {
          (position, try await workers.run(.first) { try layer(part, platform, share, $0) })
        }
      }
      return try await group.reduce(into: [(Int, Layer)]()) { $0.append($1) }
        .sorted { $0.0 < $1.0 }.map(\.1)
    }
    let metadata = metadata(of: platform)
    return try PlatformImage(
      platform: platform,
      configuration: metadata.configuration(user: user, layers: plan.layers.map(\.title)),
      layers: layers, annotations: metadata.annotations)
  }

  private func layer(
    _ part: LayerPlan.Part, _ platform: Platform, _ share: LayerShare, _ flag: CancellationFlag
  ) throws -> Layer {
    var writer = try LayerWriter(
      blobs: session.blobs, compression: compression, executor: share,
      cache: StoredMembers(store: downloader.store))
    for item in part.items {
      try flag.check()
      try append(item, to: &writer, epoch: epoch(of: platform), flag: flag)
    }
    let layer = try writer.finish()
    observe(
      .layered(
        platform: platform, digest: layer.descriptor.digest,
        compressedSize: layer.descriptor.size, size: layer.uncompressedSize))
    return layer
  }

  /// The caller's choice, else the recipe's, else gzip, which every engine reads.
  var compression: LayerCompression {
    if let chosen = composer.options.compression { return chosen }
    switch recipe.definition.compression {
    case .zstd: return .zstd
    case .gzip, nil: return .gzip
    }
  }

  private func append(
    _ item: LayerPlan.Item, to writer: inout LayerWriter, epoch: Int64, flag: CancellationFlag
  ) throws {
    let entry = item.entry
    var tar = TarEntry(
      path: item.path.bytes, kind: .directory, mode: entry.mode, uid: entry.uid, gid: entry.gid,
      mtime: min(max(entry.mtime, 0), epoch), xattrs: entry.xattrs)
    switch entry.kind {
    case .directory: break
    case .symlink(let target): tar.kind = .symlink(target: target)
    case .characterDevice(let major, let minor):
      tar.kind = .characterDevice(major: major, minor: minor)
    case .blockDevice(let major, let minor): tar.kind = .blockDevice(major: major, minor: minor)
    case .fifo: tar.kind = .fifo
    case .regular(let content, _):
      if let target = item.linkTarget {
        tar.kind = .hardlink(target: target.bytes)
      } else {
        tar.kind = .regular(size: Int64(content.count))
        var reader = ContentReader(content)
        try writer.append(tar) { buffer, _ in
          try flag.check()
          try reader.read(into: buffer)
        }
        return
      }
    }
    try writer.append(tar)
  }
}

/// The part of the threads that one of several layers may count on: what is in memory of all of them together grows with
/// the threads, not with their square.
private struct LayerShare: LayerExecutor {
  let pool: BlockingPool
  let threadCount: Int

  init(pool: BlockingPool, layers: Int) {
    self.pool = pool
    threadCount = max(1, pool.threadCount / max(1, layers))
  }

  func execute(_ job: @escaping @Sendable () -> Void) { pool.execute(job) }
}
