import Testing

@testable import RootfsCompose

struct AlpineInstallationOrderTests {
  private func package(_ name: String, _ fields: [(String, String)] = []) -> UnpackedPackage {
    AlpinePackages.package(name, fields: fields)
  }

  private func order(_ packages: [UnpackedPackage], world: [String] = []) -> [String] {
    AlpineInstallationOrder(packages, world: world).places.map { packages[$0].name }
  }

  @Test func dependenciesComeFirstInTheOrderNamed() {
    let packages = [
      package("a", [("depend", "z>1"), ("depend", "so:m.so.1 !b"), ("depend", "c")]),
      package("b"), package("c", [("depend", "a")]), package("m", [("provides", "so:m.so.1=1")]),
      package("z", [("depend", "nowhere")]),
    ]
    #expect(order(packages) == ["z", "m", "c", "a", "b"])
    #expect(order(packages, world: ["so:m.so.1", "b", "absent"]) == ["b", "m", "z", "c", "a"])
    #expect(order(packages.reversed()) == order(packages))
  }

  @Test func aPackageNamedSoStandsBeforeItsProviders() {
    let packages = [
      package("a", [("provides", "sh")]), package("b", [("depend", "sh")]), package("sh"),
    ]
    #expect(order(packages, world: ["b"]) == ["sh", "b", "a"])
  }

  @Test func whatOthersBringFollowsTheLastOfThem() {
    let packages = [
      package("app"), package("app-openrc", [("install_if", "app=1.0-r0 init")]),
      package("openrc", [("provides", "init")]), package("tool", [("depend", "openrc")]),
    ]
    #expect(order(packages, world: ["app", "tool"]) == ["app", "openrc", "app-openrc", "tool"])
    #expect(order(packages, world: ["tool"]) == ["openrc", "tool", "app", "app-openrc"])
  }

  @Test func longChainsDoNotExhaustTheStack() {
    let count = 5_000
    let packages = (0..<count).map { package("p\($0)", [("depend", "p\($0 + 1)")]) }
    #expect(order(packages, world: ["p0"]) == (0..<count).reversed().map { "p\($0)" })
  }
}
