import OCIImage

extension CompositionSession {
  /// Writes a platform's layers into the blob store and makes its manifest and configuration.
  func layer(
    _ composed: ComposedTree, _ packages: [UnpackedPackage], user: String, platform: Platform,
    flag: CancellationFlag
  ) throws -> PlatformImage {
    let plan = LayerPlan(
      composed, packages: packages, output: recipe.definition.output ?? .layered)
    let compression = self.compression
    var layers = [Layer]()
    for part in plan.layers {
      var writer = try LayerWriter(
        blobs: session.blobs, compression: compression, executor: workers,
        cache: StoredMembers(store: downloader.store))
      for item in part.items {
        try flag.check()
        try append(item, to: &writer, epoch: epoch(of: platform), flag: flag)
      }
      let layer = try writer.finish()
      layers.append(layer)
      observe(
        .layered(
          platform: platform, digest: layer.descriptor.digest,
          compressedSize: layer.descriptor.size, size: layer.uncompressedSize))
    }
    let metadata = metadata(of: platform)
    return try PlatformImage(
      platform: platform,
      configuration: metadata.configuration(user: user, layers: plan.layers.map(\.title)),
      layers: layers, annotations: metadata.annotations)
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
