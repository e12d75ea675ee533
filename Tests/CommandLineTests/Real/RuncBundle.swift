import FoundationEssentials
import Glibc
import TestSupport

/// A layout's image for this machine, unpacked to be run as an engine runs it.
struct RuncBundle {
  let path: String
  private let state: String

  /// Whether this machine can run images.
  static let isUsable =
    geteuid() == 0 && ["runc", "umoci", "python3"].allSatisfy { HostProgram.find($0) != nil }

  /// Unpacks the image at `layout` into `path`, which is made.
  init(layout: String, tag: String = "latest", at path: String) throws {
    guard let umoci = HostProgram.find("umoci") else { throw TestSupportError("umoci is missing") }
    self.path = path
    state = path + ".state"
    try umoci.check(["unpack", "--image", layout + ":" + tag, path])
  }

  /// Runs a command as the image's user on a read-only root.
  func run(_ command: [String]) throws -> HostProgram.Outcome {
    guard let runc = HostProgram.find("runc"), let python = HostProgram.find("python3") else {
      throw TestSupportError("runc or python3 is missing")
    }
    let edit = """
      import json, sys
      path = sys.argv[1] + "/config.json"
      config = json.load(open(path))
      config["process"]["terminal"] = False
      config["process"]["args"] = sys.argv[2:]
      config["root"]["readonly"] = True
      json.dump(config, open(path, "w"))
      """
    try python.check(["-c", edit, path] + command)
    let name = path.split(separator: "/").joined(separator: "-").suffix(40)
    return try runc.run(
      ["--root", state, "run", "--bundle", path, "dhi-compose-test-\(getpid())-\(name)"])
  }
}
