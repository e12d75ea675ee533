/// Covers programs that act on what an image does not hold: the host's kernel, its services, caches and menus.
struct NotInImages: ScriptHandler {
  let name = "not-in-images"

  private static let reasons = [
    "restorecon": "SELinux labels belong to the host",
    "fixfiles": "SELinux labels belong to the host",
    "update-binfmts": "binary formats are registered with the host's kernel",
    "update-menus": "no window manager's menu is kept",
    "install-info": "the directory of info pages is not kept",
    "nscd": "no name service cache runs while an image is made",
    "udevadm": "devices belong to the host",
    "depmod": "kernel modules belong to the host",
    "mkinitfs": "no kernel boots from an image",
    "sysctl": "kernel settings belong to the host",
    "initctl": "services are not started while an image is made",
    "telinit": "services are not started while an image is made",
    "apparmor_parser": "AppArmor profiles are loaded by the host",
    "mandb": "no index of manual pages is kept",
    "ucfr": "ucf's registry only serves upgrades",
    "sync": "nothing is written to a disk",
  ]

  func covers(_ step: ScriptStep, of package: PackageScripts, in scene: ScriptScene) -> String? {
    guard step.outputs.isEmpty, let reason = Self.reasons[step.program] else { return nil }
    return "\(step.program): \(reason)"
  }
}
