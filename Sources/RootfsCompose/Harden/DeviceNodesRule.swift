/// The engine makes the devices a container may use; none come from the image.
struct DeviceNodesRule: PathRule {
  let name = "device-nodes"
  let summary = "drops device nodes and named pipes"

  func judge(of tree: ComposedTree, context: HardeningContext) -> Judge {
    { _, entry in
      switch entry.kind {
      case .characterDevice, .blockDevice: .drop("device node")
      case .fifo: .drop("named pipe")
      case .directory, .regular, .symlink: nil
      }
    }
  }
}
