/// Orders two upstream parts or two revisions as dpkg does: by turns, a run of non-digits byte by byte (`~` before
/// the end, the end before letters, letters before all else), then a run of digits as a number of any length.
///
/// Source: deb-version(7), "Sorting algorithm".
func comparePart(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Int {
  var i = 0
  var j = 0
  while i < left.count || j < right.count {
    while (i < left.count && !isDigit(left[i])) || (j < right.count && !isDigit(right[j])) {
      let a = weight(left, i)
      let b = weight(right, j)
      if a != b { return a - b }
      i += 1
      j += 1
    }
    while i < left.count && left[i] == UInt8(ascii: "0") { i += 1 }
    while j < right.count && right[j] == UInt8(ascii: "0") { j += 1 }
    var firstDifference = 0
    while i < left.count, j < right.count, isDigit(left[i]), isDigit(right[j]) {
      if firstDifference == 0 { firstDifference = Int(left[i]) - Int(right[j]) }
      i += 1
      j += 1
    }
    if i < left.count && isDigit(left[i]) { return 1 }
    if j < right.count && isDigit(right[j]) { return -1 }
    if firstDifference != 0 { return firstDifference }
  }
  return 0
}

/// A digit weighs as the end of the text does, so that a run of non-digits ends at either.
private func weight(_ text: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int {
  guard index < text.count, !isDigit(text[index]) else { return 0 }
  let byte = text[index]
  if byte == UInt8(ascii: "~") { return -1 }
  return isLetter(byte) ? Int(byte) : Int(byte) + 256
}

/// Feeds a hasher the same bytes for all texts that ``comparePart(_:_:)`` calls equal: numbers lose leading zeros, and
/// a number that is missing counts as zero.
func hashMeaning(of text: UnsafeBufferPointer<UInt8>, into hasher: inout Hasher) {
  var i = 0
  while i < text.count {
    let start = i
    while i < text.count && !isDigit(text[i]) { i += 1 }
    let word = UnsafeBufferPointer(rebasing: text[start..<i])
    while i < text.count && text[i] == UInt8(ascii: "0") { i += 1 }
    let digits = i
    while i < text.count && isDigit(text[i]) { i += 1 }
    let number = UnsafeBufferPointer(rebasing: text[digits..<i])
    if word.isEmpty && number.isEmpty { continue }
    hasher.combine(bytes: UnsafeRawBufferPointer(word))
    hasher.combine(UInt8(0xff))
    hasher.combine(bytes: UnsafeRawBufferPointer(number))
    hasher.combine(UInt8(0xfe))
  }
}
