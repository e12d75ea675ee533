import Testing

@testable import RootfsCompose

@Suite struct CurlLibraryTests {
  @Test func theHostsLibraryHasEveryFunction() throws {
    let library = try CurlLibrary.load(CurlLibrary.names).get()
    let handle = try #require(library.url())
    library.urlCleanup(handle)
  }

  @Test func aLibraryThatIsNotThereIsNamedWithWhatToInstall() throws {
    let problem = #expect(throws: CurlLibrary.LoadingProblem.self) {
      try CurlLibrary.load(["libnothing-of-this-name.so.9"]).get()
    }
    let error = try #require(problem).error("https://example.org/pool/a.deb")
    #expect(error.code == .missingTool)
    #expect(error.subject == "https://example.org/pool/a.deb")
    #expect(error.message.contains("libnothing-of-this-name.so.9"))
    #expect(error.message.contains("install the package libcurl4"))
  }

  @Test func aLibraryWithoutItsFunctionsIsPassedOver() throws {
    let loaded = CurlLibrary.load(["libcrypto.so.3", "libcrypto.3.dylib"] + CurlLibrary.names)
    _ = try loaded.get()
    let problem = #expect(throws: CurlLibrary.LoadingProblem.self) {
      try CurlLibrary.load(["libc.so.6"]).get()
    }
    #expect(try #require(problem).reason.contains("curl_global_init"))
  }
}
