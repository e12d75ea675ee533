/// Covers what packages tell an init system: an image without one has nobody to read it.
struct InitSystem: ScriptHandler {
  let name = "init-system"

  func covers(_ step: ScriptStep, of package: PackageScripts, in scene: ScriptScene) -> String? {
    guard !scene.hasInitSystem else { return nil }
    switch step.program {
    case "deb-systemd-helper", "update-rc.d", "systemctl", "rc-update":
      return "services are not enabled: the image has no init system"
    case "deb-systemd-invoke", "invoke-rc.d", "service", "start-stop-daemon", "rc-service",
      "openrc":
      return "services are not started while an image is made"
    case "systemd-tmpfiles":
      return "tmpfiles.d entries are made at boot, and the image has no init system"
    default: return nil
    }
  }
}
