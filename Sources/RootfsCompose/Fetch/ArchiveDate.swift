/// A moment in seconds since 1970, as Release files and HTTP write it.
///
/// Sources: RFC 2822 §3.3 and RFC 9110 §5.6.7 (`Sat, 06 Sep 2025 10:11:12 UTC`), RFC 3339, and the snapshot
/// service's `20250906T101112Z`.
struct ArchiveDate: Hashable, Sendable, Comparable {
  let seconds: Int64

  init(seconds: Int64) { self.seconds = seconds }

  /// Reads `Sat, 06 Sep 2025 10:11:12 UTC`; nil for anything else. Zones other than UTC are refused, as apt does.
  init?(internet text: some StringProtocol) {
    let words = text.split(separator: " ")
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    guard words.count == 6, words[0].hasSuffix(","),
      ["UTC", "GMT", "Z", "+0000"].contains(words[5]),
      let month = months.firstIndex(of: String(words[2]))
    else { return nil }
    let clock = words[4].split(separator: ":", omittingEmptySubsequences: false)
    guard clock.count == 3 else { return nil }
    self.init(words[3], String(month + 1), words[1], clock[0], clock[1], clock[2])
  }

  /// Reads `20250906T101112Z`; nil for anything else.
  init?(snapshot text: some StringProtocol) {
    let bytes = Array(text.utf8)
    guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z") else {
      return nil
    }
    func part(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    self.init(part(0..<4), part(4..<6), part(6..<8), part(9..<11), part(11..<13), part(13..<15))
  }

  private init?(
    _ year: some StringProtocol, _ month: some StringProtocol, _ day: some StringProtocol,
    _ hour: some StringProtocol, _ minute: some StringProtocol, _ second: some StringProtocol
  ) {
    guard let year = Self.number(year, 1970...9999), let month = Self.number(month, 1...12),
      let day = Self.number(day, 1...31), let hour = Self.number(hour, 0...23),
      let minute = Self.number(minute, 0...59), let second = Self.number(second, 0...60)
    else { return nil }
    let days = Self.days(year: year, month: month, day: day)
    seconds = Int64(days) * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
    guard Self.civil(days: days) == (year, month, day) else { return nil }
  }

  private static func number(_ text: some StringProtocol, _ range: ClosedRange<Int>) -> Int? {
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int(text) else {
      return nil
    }
    return range.contains(value) ? value : nil
  }

  /// Days from 1970-01-01, with years counted from March so that the leap day is a year's last.
  private static func days(year: Int, month: Int, day: Int) -> Int {
    let shifted = month > 2 ? year : year - 1
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
  }

  private static func civil(days: Int) -> (Int, Int, Int) {
    let day = days + 719_468
    let era = day / 146_097
    let ofEra = day % 146_097
    let yearOfEra = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
    let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * ofYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
    return (year, month, ofYear - (153 * shiftedMonth + 2) / 5 + 1)
  }

  /// `2025-09-06T10:11:12Z`.
  var rfc3339: String {
    let days = seconds >= 0 ? seconds / 86_400 : 0
    let rest = seconds >= 0 ? seconds % 86_400 : 0
    let (year, month, day) = Self.civil(days: Int(days))
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let time = [Int(rest / 3_600), Int(rest / 60 % 60), Int(rest % 60)].map(two)
    return "\(year)-\(two(month))-\(two(day))T\(time.joined(separator: ":"))Z"
  }

  /// `20250906T101112Z`.
  var snapshot: String { String(rfc3339.filter { $0 != "-" && $0 != ":" }) }

  /// Reads `2025-09-06T10:11:12Z`; nil for anything else.
  init?(rfc3339 text: String) {
    self.init(snapshot: text.filter { $0 != "-" && $0 != ":" })
    guard rfc3339 == text else { return nil }
  }

  static func < (left: ArchiveDate, right: ArchiveDate) -> Bool { left.seconds < right.seconds }
}
