/// A piece of an HTML document.
///
/// There is no way to make one of text as it is: what is put in is escaped, tags and attributes are those listed here,
/// and the only links are to places in the same document. What packages and images call themselves can therefore neither
/// end an element nor begin one.
///
/// Source: WHATWG HTML, 13.1 "Writing HTML documents"; SVG 2.
public struct HTML: Sendable, Equatable {
  /// As it stands in the document.
  let markup: String

  private init(markup: String) { self.markup = markup }

  /// Text, escaped; characters that steer a terminal or turn the text around them are written out.
  public init(_ text: String) { markup = HTMLText.escaped(text) }

  static let empty = HTML(markup: "")

  /// Pieces one after the other.
  static func join(_ pieces: [HTML]) -> HTML { HTML(markup: pieces.map(\.markup).joined()) }

  /// A line end between elements, for those who read the source.
  static let lineEnd = HTML(markup: "\n")

  /// The style sheet of the document, which is the program's own.
  static func styleSheet(_ text: StaticString) -> HTML {
    HTML(markup: "<style>\(text)</style>")
  }

  /// A whole document.
  static func document(language: StaticString, head: HTML, body: HTML) -> HTML {
    HTML(
      markup: "<!DOCTYPE html>\n<html lang=\"\(language)\">\n<head>\n\(head.markup)\n</head>\n"
        + "<body>\n\(body.markup)\n</body>\n</html>\n")
  }

  /// An element with what it holds.
  static func element(_ tag: Tag, _ attributes: [Attribute], _ content: HTML) -> HTML {
    let start = "<" + tag.rawValue + attributes.map(\.markup).joined()
    if tag.isVoid { return HTML(markup: start + ">") }
    return HTML(markup: start + ">" + content.markup + "</" + tag.rawValue + ">")
  }
}

extension HTML {
  /// The elements that a report is made of: none that loads, runs or sends anything.
  enum Tag: String {
    case a, bdi, br, caption, code, dd, details, div, dl, dt, footer, h1, h2, h3, h4, header, li,
      main, meta, nav, ol, p, section, small, span, strong, summary, table, tbody, td, th, thead,
      title, tr, ul
    case svg, g, rect, text, desc

    var isVoid: Bool { self == .br || self == .meta }
  }

  /// An attribute. Names and fixed values are the program's own, all else is escaped.
  struct Attribute {
    let markup: String

    private init(_ name: StaticString, _ value: String) {
      markup = " \(name)=\"\(HTMLText.escaped(value))\""
    }

    private init(_ name: StaticString) { markup = " \(name)" }

    static func `class`(_ name: StaticString) -> Attribute { Attribute("class", "\(name)") }
    static func id(_ value: String) -> Attribute { Attribute("id", value) }
    /// A link to a place in the document.
    static func href(to id: String) -> Attribute { Attribute("href", "#" + id) }
    static func label(_ text: String) -> Attribute { Attribute("aria-label", text) }
    static func labelled(by id: String) -> Attribute { Attribute("aria-labelledby", id) }
    static func described(by id: String) -> Attribute { Attribute("aria-describedby", id) }
    static func role(_ name: StaticString) -> Attribute { Attribute("role", "\(name)") }
    static func scope(_ name: StaticString) -> Attribute { Attribute("scope", "\(name)") }
    static let focusable = Attribute("tabindex", "0")
    static let hidden = Attribute("aria-hidden", "true")
    static let open = Attribute("open")
    static let utf8 = Attribute("charset", "utf-8")
    static func meta(_ name: StaticString, _ content: String) -> [Attribute] {
      [Attribute("name", "\(name)"), Attribute("content", content)]
    }
    static func policy(_ content: String) -> [Attribute] {
      [Attribute("http-equiv", "Content-Security-Policy"), Attribute("content", content)]
    }
    static func viewBox(_ width: Int, _ height: Int) -> Attribute {
      Attribute("viewBox", "0 0 \(width) \(height)")
    }
    /// Tenths of a unit of the drawing.
    static func place(x: Int, y: Int) -> [Attribute] {
      [Attribute("x", tenths(x)), Attribute("y", tenths(y))]
    }
    /// Tenths of a unit of the drawing.
    static func extent(width: Int, height: Int) -> [Attribute] {
      [Attribute("width", tenths(width)), Attribute("height", tenths(height))]
    }

    private static func tenths(_ value: Int) -> String {
      value % 10 == 0 ? "\(value / 10)" : "\(value / 10).\(abs(value % 10))"
    }
  }
}

/// Puts pieces together in the order in which they are written.
@resultBuilder enum HTMLBuilder {
  static func buildExpression(_ text: String) -> HTML { HTML(text) }
  static func buildExpression(_ piece: HTML) -> HTML { piece }
  static func buildBlock(_ pieces: HTML...) -> HTML { .join(pieces) }
  static func buildOptional(_ piece: HTML?) -> HTML { piece ?? .empty }
  static func buildEither(first piece: HTML) -> HTML { piece }
  static func buildEither(second piece: HTML) -> HTML { piece }
  static func buildArray(_ pieces: [HTML]) -> HTML { .join(pieces) }
}

/// An element.
func tag(
  _ tag: HTML.Tag, _ attributes: HTML.Attribute..., @HTMLBuilder content: () -> HTML
) -> HTML {
  .element(tag, attributes, content())
}

/// As the other, with attributes that come as a list.
func tag(
  _ tag: HTML.Tag, all attributes: [HTML.Attribute], @HTMLBuilder content: () -> HTML
) -> HTML {
  .element(tag, attributes, content())
}

/// An element that holds text alone, or nothing.
func tag(_ tag: HTML.Tag, _ attributes: HTML.Attribute..., text: String = "") -> HTML {
  .element(tag, attributes, HTML(text))
}
