/// What ties a package to a whole machine: service units, timers, completion, menus, and the files that maintainer
/// scripts install from. A container runs one program and has none of these at work.
///
/// Shell start-up files go too, unless a shell stays, and the programs that run a machine's services, unless the recipe
/// names their package.
struct HostIntegrationRule: PathRule {
  let name = "host-integration"
  let summary = "drops service units, cron jobs, menus, completions and script templates"
  let variants: Set<Definition.Variant> = [.runtime, .helm]
  let bindsRecipe = false
  let runsLast = true

  private static let places: PlaceSet = [
    // Services and their schedules.
    "etc/init.d", "etc/init", "etc/rc0.d", "etc/rc1.d", "etc/rc2.d", "etc/rc3.d", "etc/rc4.d",
    "etc/rc5.d", "etc/rc6.d", "etc/rcS.d", "etc/cron.d", "etc/cron.hourly", "etc/cron.daily",
    "etc/cron.weekly", "etc/cron.monthly", "etc/cron.yearly", "etc/default", "etc/logrotate.d",
    "etc/systemd", "usr/lib/systemd", "usr/lib/tmpfiles.d", "usr/lib/sysusers.d",
    "usr/lib/sysctl.d", "usr/lib/modules-load.d", "usr/lib/binfmt.d", "usr/lib/udev", "etc/udev",
    "etc/binfmt.d", "usr/lib/environment.d", "etc/update-motd.d", "etc/kernel",
    "etc/initramfs-tools",
    "usr/share/initramfs-tools", "usr/share/binfmts", "usr/share/dbus-1/system-services",
    "usr/share/polkit-1", "etc/apparmor.d", "usr/share/apport", "usr/lib/valgrind",
    "usr/share/gdb", "usr/share/reportbug",
    // Alpine's: OpenRC, busybox's daemons, and the kernel's modules, settings and devices.
    "etc/conf.d", "etc/runlevels", "etc/local.d", "etc/rc.conf", "etc/inittab", "etc/crontabs",
    "etc/periodic", "etc/udhcpc", "etc/udhcpd.conf", "etc/mdev.conf", "etc/mdev", "etc/modules",
    "etc/modprobe.d", "etc/modules-load.d", "etc/sysctl.d", "etc/sysctl.conf", "etc/network",
    "etc/fstab", "etc/issue", "etc/motd", "etc/securetty", "etc/acpi", "etc/mkinitfs",
    "lib/mdev", "lib/modules-load.d", "lib/sysctl.d", "lib/rc", "lib/udev", "usr/share/udhcpc",
    "usr/libexec/rc", "usr/lib/mdev", "usr/lib/rc",
    // Desktop.
    "usr/share/applications", "usr/share/pixmaps", "usr/share/icons", "usr/share/menu",
    "usr/share/metainfo", "usr/share/appdata",
    // Completion.
    "usr/share/bash-completion", "etc/bash_completion.d", "usr/share/zsh", "usr/share/fish",
    // Templates of maintainer scripts.
    "usr/share/base-files", "usr/share/base-passwd", "usr/share/debianutils",
  ]

  /// What starts services, and what sets a machine up: of no use without a machine.
  private static let packages: Set<String> = [
    "alpine-conf", "busybox-mdev-openrc", "busybox-openrc", "ifupdown-ng", "mdev-conf",
    "mkinitfs", "openrc",
  ]

  private static let startUp: PlaceSet = [
    "etc/busybox-paths.d", "etc/profile", "etc/profile.d", "etc/skel", "etc/bash.bashrc", "etc/csh",
    "etc/zsh",
    "root/.bashrc", "root/.profile",
  ]

  func judge(of tree: ComposedTree, context: HardeningContext) -> Judge {
    let hasShell = ShellsRule.hasShell(tree.tree)
    let unrequested = Self.packages.subtracting(context.requestedPackages)
    let owners = tree.ledger.owners
    return { path, entry in
      if Self.places.holds(path) { return .drop("serves a whole machine") }
      if !entry.isDirectory, let owner = owners[path], unrequested.contains(owner) {
        return .drop("part of \(owner), which serves a whole machine")
      }
      if !hasShell && Self.startUp.holds(path) {
        return .drop("start-up file of a shell that is not there")
      }
      return nil
    }
  }
}
