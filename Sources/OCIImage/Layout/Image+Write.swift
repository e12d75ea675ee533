extension Image {
  /// Writes the image. The output is whole or absent, even if the process is killed.
  ///
  /// It is made under a hidden name beside the target, then renamed. A file there is replaced, and so is an image
  /// layout; any other directory that is not empty is not. Missing directories above the target are made.
  ///
  /// Throws ``OCIError``: `outputExists`, `outputUnwritable`, `noSpace`; `unsupported` for several platforms where the
  /// form holds one; `invalidReference` for a name that docker would not load; and what reading the blobs throws.
  public func write(to destination: ImageDestination) throws(OCIError) {
    switch destination {
    case .layout: break
    case .archive: break
    case .dockerArchive, .tar:
      guard platformImages.count == 1 else {
        throw OCIError(
          .unsupported, destination.path,
          "\(destination.form) holds one platform, and the image is for \(platformList); "
            + "choose one platform, or write a layout or an OCI archive")
      }
    }
    let target = try OutputTarget(destination.path)
    switch destination {
    case .layout:
      try target.replaceLayout { (path) throws(OCIError) in try writeLayout(path, target) }
    case .archive: try target.replaceFile { (file) throws(OCIError) in try writeArchive(file) }
    case .dockerArchive:
      let tags = try repositoryTags()
      try target.replaceFile { (file) throws(OCIError) in try writeDockerArchive(file, tags) }
    case .tar: try target.replaceFile { (file) throws(OCIError) in try writeRootFileSystem(file) }
    }
  }

  /// What a layout calls the image: the name's tag, as `oci:PATH:TAG` then finds it; the whole name where it has none.
  ///
  /// Source: OCI image-spec, annotations.md, `org.opencontainers.image.ref.name`.
  private var layoutTag: String? {
    guard let name = referenceName, let colon = name.lastIndex(of: ":") else {
      return referenceName
    }
    let tag = name[name.index(after: colon)...]
    return tag.isEmpty || tag.contains("/") ? name : String(tag)
  }

  /// The files of a layout beside its blobs, in the order of their names.
  var layoutFiles: [(name: String, bytes: [UInt8])] {
    get throws(OCIError) {
      var entry = descriptor
      if let layoutTag { entry.annotations = [Annotation.referenceName: layoutTag] }
      return [
        ("index.json", try CanonicalJSON.encode(ImageIndex(manifests: [entry]))),
        ("oci-layout", try CanonicalJSON.encode(LayoutMarker.current)),
      ]
    }
  }

  private func writeLayout(_ path: String, _ target: OutputTarget) throws(OCIError) {
    try target.makeDirectory(path + "/blobs")
    try target.makeDirectory(path + "/blobs/sha256")
    let documents = self.documents
    for blob in blobs {
      let file = BlobSource.path(of: blob.digest, in: path)
      if documents[blob.digest] == nil, source.link(blob, to: file) {
        try target.syncFile(file)
      } else {
        let file = try target.makeFile(file)
        try readBlob(blob) { (bytes) throws(OCIError) in try file.write(bytes) }
        try file.complete()
      }
    }
    for (name, bytes) in try layoutFiles {
      let file = try target.makeFile(path + "/" + name)
      try file.write(bytes)
      try file.complete()
    }
    for directory in ["/blobs/sha256", "/blobs", ""] {
      try syncDirectory(path + directory, subject: target.path, code: .outputUnwritable)
    }
  }

  private func writeArchive(_ file: borrowing OutputFile) throws(OCIError) {
    try file.addDirectory("blobs")
    try file.addDirectory("blobs/sha256")
    for blob in blobs {
      try file.addFile("blobs/sha256/" + blob.digest.hex, size: blob.size) {
        (write) throws(OCIError) in try readBlob(blob, write)
      }
    }
    for (name, bytes) in try layoutFiles { try file.addFile(name, bytes) }
    try file.write(TarHeader.end)
  }
}

extension OutputFile {
  /// Adds a directory to the tar archive that the file holds. Times are 1970: the digests say all there is to say.
  borrowing func addDirectory(_ name: String) throws(OCIError) {
    try write(
      TarHeader.encode(TarEntry(path: Array(name.utf8), kind: .directory, mode: 0o755)))
  }

  borrowing func addFile(_ name: String, _ bytes: [UInt8]) throws(OCIError) {
    try addFile(name, size: Int64(bytes.count)) { (write) throws(OCIError) in
      try bytes.withBytes(write)
    }
  }

  /// Adds a file of exactly `size` bytes, which `content` hands to its argument.
  borrowing func addFile(
    _ name: String, size: Int64,
    content: (_ write: (UnsafeRawBufferPointer) throws(OCIError) -> Void) throws(OCIError) -> Void
  ) throws(OCIError) {
    try write(
      TarHeader.encode(TarEntry(path: Array(name.utf8), kind: .regular(size: size), mode: 0o644)))
    var written: Int64 = 0
    try content { (bytes) throws(OCIError) in
      written += Int64(bytes.count)
      try write(bytes)
    }
    guard written == size else {
      throw OCIError(
        .digestMismatch, name, "expected \(size) bytes, found \(written); it changed meanwhile")
    }
    try write([UInt8](repeating: 0, count: TarHeader.padding(size)))
  }
}
