import Testing

@testable import RootfsCompose

@Suite struct DecoderThreadsTests {
  @Test func theyAreSharedAndGivenBack() throws {
    let threads = DecoderThreads(4)
    try threads.with(upTo: 3) { (first) throws(ComposeError) in
      #expect(first == 3)
      try threads.with(upTo: 8) { (second) throws(ComposeError) in
        #expect(second == 1)
        try threads.with(upTo: 8) { (third) throws(ComposeError) in #expect(third == 1) }
      }
    }
    // One that has a single block takes none from the others.
    try threads.with(upTo: 1) { (one) throws(ComposeError) in
      #expect(one == 1)
      try threads.with(upTo: 8) { (all) throws(ComposeError) in #expect(all == 4) }
    }
    let error = #expect(throws: ComposeError.self) {
      try threads.with(upTo: 4) { (_) throws(ComposeError) in
        throw ComposeError(.cancelled, "", "cancelled")
      }
    }
    #expect(error?.code == .cancelled)
    try threads.with(upTo: 4) { (all) throws(ComposeError) in #expect(all == 4) }
  }
}
