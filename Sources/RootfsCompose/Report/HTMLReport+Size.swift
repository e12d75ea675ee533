import PkgResolve

extension PlatformSection {
  var sizes: HTML {
    let packages =
      platform.packages.map { Item(name: $0.name, share: $0.share) }
      + (platform.unowned.files > 0 ? [Item(name: "no package", share: platform.unowned)] : [])
    let directories = platform.directories.map { directory in
      Item(
        name: directory.isRest ? directory.path + " (rest)" : directory.path,
        share: directory.share)
    }
    return .join([
      chart("By package", "by-package", Self.bounded(packages)),
      chart("By directory", "by-directory", directories),
    ])
  }

  private struct Item {
    let name: String
    let share: ImageReport.Share
  }

  private static let maximumItems = 40

  /// The largest first; what is too small to be seen is one item.
  private static func bounded(_ items: [Item]) -> [Item] {
    let sorted = items.sorted { ($1.share.size, $0.name) < ($0.share.size, $1.name) }
    guard sorted.count > maximumItems else { return sorted }
    let small = sorted.dropFirst(maximumItems - 1).map(\.share)
    let rest = ImageReport.Share(
      files: small.reduce(0) { $0 + $1.files }, size: small.map(\.size).saturatingSum)
    return sorted.prefix(maximumItems - 1) + [
      Item(name: "\(small.count) smaller ones", share: rest)
    ]
  }

  private func chart(_ title: String, _ what: StaticString, _ items: [Item]) -> HTML {
    let all = items.map(\.share.size).saturatingSum
    let name = id(what)
    let largest = items.prefix(3).map { "\($0.name) \(Self.part($0.share.size, of: all))" }
    let description =
      "\(byteText(all)) in all; the largest: \(largest.joined(separator: ", ")). The table below has all."
    return tag(.div, .class("chart")) {
      HTML.lineEnd
      tag(isAlone ? .h3 : .h4, .id(name), text: title)
      if all > 0 {
        drawing(items, all, title, description, name + "-wide", .wide)
        drawing(items, all, title, description, name + "-narrow", .narrow)
      }
      tag(.details) {
        tag(.summary, text: "\(title) as a table (\(items.count))")
        ReportTable(
          caption: title,
          columns: [.text("Name"), .number("Size"), .number("Part"), .number("Files")],
          rows: items.map { item in
            [
              tag(.code, text: item.name), HTML(byteText(item.share.size)),
              HTML(Self.part(item.share.size, of: all)), HTML("\(item.share.files)"),
            ]
          }
        ).html
      }
    }
  }

  /// `12.3 %`
  private static func part(_ size: Int64, of all: Int64) -> String {
    guard all > 0 else { return "0 %" }
    let mille = Int((Double(max(0, size)) / Double(all) * 1000).rounded())
    return "\(mille / 10).\(mille % 10) %"
  }

  /// The same for a desk and for a phone: letters keep their size.
  private enum Shape {
    case wide, narrow

    var width: Int { self == .wide ? 960 : 360 }
    var height: Int { self == .wide ? 400 : 480 }
    var style: HTML.Attribute { self == .wide ? .class("map wide") : .class("map narrow") }
  }

  private func drawing(
    _ items: [Item], _ all: Int64, _ title: String, _ description: String, _ id: String,
    _ shape: Shape
  ) -> HTML {
    let boxes = Treemap(items.map(\.share.size), width: shape.width, height: shape.height).boxes
    return tag(
      .svg, shape.style, .viewBox(shape.width, shape.height), .role("img"),
      .labelled(by: id + "-title"), .described(by: id + "-text")
    ) {
      tag(.title, .id(id + "-title"), text: "\(title), as areas")
      tag(.desc, .id(id + "-text"), text: description)
      for (rank, (item, box)) in zip(items, boxes).enumerated()
      where box.width > 0 && box.height > 0 {
        tile(item, box, all, Self.shades[min(rank, Self.shades.count - 1)])
      }
    }
  }

  private static let shades: [HTML.Attribute] = [
    .class("s1"), .class("s2"), .class("s2"), .class("s3"), .class("s3"), .class("s3"),
    .class("s4"), .class("s4"), .class("s4"), .class("s4"), .class("s4"), .class("s4"),
    .class("s5"),
  ]

  /// In tenths of a unit: of a label's letters, which no browser draws wider.
  private static let letterWidth = 76

  private func tile(
    _ item: Item, _ box: Treemap.Box, _ all: Int64, _ shade: HTML.Attribute
  ) -> HTML {
    let size = byteText(item.share.size)
    let letters = (box.width - 110) / Self.letterWidth
    return tag(.g, shade) {
      tag(.title, text: "\(item.name): \(size), \(Self.part(item.share.size, of: all))")
      tag(
        .rect,
        all: HTML.Attribute.place(x: box.x, y: box.y)
          + HTML.Attribute.extent(width: box.width, height: box.height)
      ) {}
      if let label = Self.label(item.name, letters), box.height >= 220 {
        tag(.text, all: HTML.Attribute.place(x: box.x + 60, y: box.y + 170)) { label }
        if size.count <= letters, box.height >= 380 {
          tag(
            .text, all: [.class("minor")] + HTML.Attribute.place(x: box.x + 60, y: box.y + 325)
          ) { size }
        }
      }
    }
  }

  /// As much of a name as a tile has room for: of a path its end, of any other name its beginning; nil for too little.
  private static func label(_ name: String, _ letters: Int) -> String? {
    if name.count <= letters { return name }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    if name.hasPrefix("/") {
      for start in parts.indices.dropFirst() {
        let tail = "…/" + parts[start...].joined(separator: "/")
        if tail.count <= letters { return tail }
      }
    }
    guard letters >= 7 else { return nil }
    return (parts.last ?? "").prefix(letters - 1) + "…"
  }
}
