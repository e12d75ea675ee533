import OCIImage
import Testing

@Suite struct SpecificationDocumentTests {
  @Test func configurationHasItsCanonicalBytes() throws {
    var configuration = ImageConfiguration(
      created: ImageConfiguration.timestamp(1_577_934_245), author: "A <a@example.com>",
      config: .init(
        user: "65532:65532", exposedPorts: ["8080/tcp", "53/udp"], environment: ["B=2", "A=/1"],
        entrypoint: ["/bin/x"], command: [], workingDirectory: "/",
        labels: ["z": "é", "a": "\u{1}"],
        stopSignal: "SIGTERM"),
      history: [.init(createdBy: "x", emptyLayer: true)])
    configuration.architecture = "arm64"
    configuration.os = "linux"
    configuration.variant = "v8"
    let text = String(decoding: try CanonicalJSON.encode(configuration), as: UTF8.self)
    let expected = #"""
      {"architecture":"arm64","author":"A <a@example.com>","config":{"Entrypoint":["/bin/x"],\#
      "Env":["B=2","A=/1"],"ExposedPorts":{"53/udp":{},"8080/tcp":{}},\#
      "Labels":{"a":"\u0001","z":"é"},"StopSignal":"SIGTERM","User":"65532:65532",\#
      "WorkingDir":"/"},"created":"2020-01-02T03:04:05Z",\#
      "history":[{"created_by":"x","empty_layer":true}],"os":"linux",\#
      "rootfs":{"diff_ids":[],"type":"layers"},"variant":"v8"}
      """#
    #expect(text == expected)
    let read = try CanonicalJSON.decode(
      ImageConfiguration.self, from: Array(text.utf8), subject: "config")
    #expect(read == configuration)
  }

  @Test func nullsAndUnknownKeysOfOtherToolsAreRead() throws {
    let text = """
      {"architecture":"amd64","os":"linux","config":{"Entrypoint":null,"Env":["A=1"],
      "Labels":null,"OnBuild":null,"Volumes":{"/data":{}}},"container":"x","history":null,
      "rootfs":{"type":"layers","diff_ids":[]}}
      """
    let read = try CanonicalJSON.decode(
      ImageConfiguration.self, from: Array(text.utf8), subject: "config")
    #expect(read.config?.environment == ["A=1"])
    #expect(read.config?.volumes == ["/data"])
    #expect(read.platform == .linuxAMD64)
  }

  @Test func arm64IsOnePlatformWithAndWithoutItsVariant() throws {
    let plain = #"{"architecture":"arm64","os":"linux"}"#
    let read = try CanonicalJSON.decode(Platform.self, from: Array(plain.utf8), subject: "p")
    #expect(read == .linuxARM64)
    #expect(read.description == "linux/arm64")
    #expect(
      try CanonicalJSON.encode(read)
        == Array(#"{"architecture":"arm64","os":"linux","variant":"v8"}"#.utf8))
    #expect(Platform(os: "linux", architecture: "arm", variant: "v7").description == "linux/arm/v7")
  }

  @Test(arguments: [
    (#"{"mediaType":"a","size":1}"#, #"d: not a valid Descriptor: misses the key "digest""#),
    (
      #"{"mediaType":"a","size":1,"digest":"md5:00"}"#,
      #"d: not a valid Descriptor: digest: "md5:00" is not a sha256 digest"#
    ),
    (
      #"{"mediaType":"a","size":-1,"digest":"sha256:"#
        + String(repeating: "0", count: 64) + #""}"#,
      "d: not a valid Descriptor: size: size -1 is negative"
    ),
  ])
  func badDescriptorsAreRefused(text: String, message: String) {
    let error = #expect(throws: OCIError.self) {
      try CanonicalJSON.decode(Descriptor.self, from: Array(text.utf8), subject: "d")
    }
    #expect(error?.description == message)
  }

  @Test func hugeDocumentsAreRefusedUnread() {
    let error = #expect(throws: OCIError.self) {
      try CanonicalJSON.decode(
        Descriptor.self, from: [UInt8](repeating: 0x20, count: (4 << 20) + 1), subject: "d")
    }
    #expect(error?.code == .limitExceeded)
  }

  @Test func timesOutsideRFC3339AreClamped() {
    #expect(ImageConfiguration.timestamp(0) == "1970-01-01T00:00:00Z")
    #expect(ImageConfiguration.timestamp(-5) == "1970-01-01T00:00:00Z")
    #expect(ImageConfiguration.timestamp(.max) == "9999-12-31T23:59:59Z")
  }
}
