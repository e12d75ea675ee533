import OCIImage

extension Image {
  /// Writes the image as ``OCIImage/Image/write(to:)`` does, on a thread of its own, so that no task waits for a disk.
  public func write(to destination: ImageDestination) async throws {
    try await BlockingPool(threads: 1, name: "write").run { _ in try write(to: destination) }
  }
}
