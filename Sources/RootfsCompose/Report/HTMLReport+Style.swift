extension HTMLReport {
  /// The page's look: system fonts, light and dark, a phone's width, paper.
  static let style: StaticString = """
    :root{color-scheme:light dark;--paper:#fbfaf8;--card:#fff;--ink:#1d2125;--faint:#59616a;--line:#e1ded8;\
    --accent:#0b5f77;--wash:#f1efea;--warn:#8a4b08;--warn-wash:#fdf3e1;\
    --s1:#8fc7d6;--s2:#aad6e1;--s3:#c3e2ea;--s4:#d9ecf1;--s5:#e9f3f5;\
    --sans:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;\
    --mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
    @media(prefers-color-scheme:dark){:root{--paper:#14171a;--card:#1b1f23;--ink:#e4e6e8;--faint:#a0a8b0;\
    --line:#30363c;--accent:#7cc7de;--wash:#22272c;--warn:#f0b768;--warn-wash:#33281a;\
    --s1:#1f6377;--s2:#1f5565;--s3:#214853;--s4:#233c45;--s5:#253238}}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%;scroll-behavior:smooth;scroll-padding-top:3.5rem}
    @media(prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
    body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.55 var(--sans)}
    header.top,nav,main,footer{max-width:78rem;margin-inline:auto;padding-inline:1.25rem}
    .skip{position:absolute;left:-99rem}
    .skip:focus{left:1rem;top:.5rem;background:var(--card);padding:.5rem .8rem;z-index:2}
    a{color:var(--accent);text-underline-offset:.18em;text-decoration-thickness:.06em}
    :focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:2px}
    header.top{padding-top:2.75rem}
    .kicker{margin:0;color:var(--faint);font-size:.8125rem;letter-spacing:.08em;text-transform:uppercase}
    h1{margin:.1em 0 .5em;font-size:clamp(1.75rem,5vw,2.5rem);line-height:1.15;letter-spacing:-.015em;font-weight:650;\
    overflow-wrap:anywhere}
    h2{margin:0 0 .8rem;font-size:1.375rem;line-height:1.25;letter-spacing:-.01em;font-weight:640}
    h3{margin:1.75rem 0 .6rem;font-size:1.0625rem;font-weight:640}
    h4{margin:1.4rem 0 .5rem;font-size:1rem;font-weight:640}
    main>section{padding:2rem 0 .5rem;border-top:1px solid var(--line);margin-top:1.5rem}
    section section{padding-top:.5rem}
    p{margin:.4rem 0 .9rem;max-width:62ch}
    .note,.faint,small,footer{color:var(--faint)}
    .note{font-size:.9375rem}
    small{font-size:.8125rem}
    code{font-family:var(--mono);font-size:.875em;overflow-wrap:anywhere;unicode-bidi:isolate;white-space:break-spaces}
    td,th,dd,li,h2{unicode-bidi:isolate}
    nav{position:sticky;top:0;z-index:1;background:var(--paper);margin-top:1.25rem;padding-block:.6rem}
    nav ul{display:flex;flex-wrap:wrap;gap:.15rem 1.15rem;margin:0;padding:0;list-style:none;font-size:.9375rem}
    nav a{display:inline-block;padding:.15rem 0;text-decoration:none}
    nav a:hover{text-decoration:underline}
    nav a.strong{font-weight:640}
    dl{display:grid;grid-template-columns:minmax(7.5rem,max-content) minmax(0,1fr);gap:.35rem 1.25rem;margin:.5rem 0 1rem}
    dt{color:var(--faint)}
    dd{margin:0;overflow-wrap:anywhere}
    .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.75rem;margin:0 0 1.25rem;\
    padding:0;list-style:none}
    .figures li{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.7rem .9rem}
    .figures strong{display:block;font-size:1.375rem;line-height:1.25;font-weight:640;letter-spacing:-.01em;\
    font-variant-numeric:tabular-nums}
    .figures span{color:var(--faint);font-size:.875rem}
    .scroll{overflow-x:auto;margin:.5rem 0 1.25rem;background:var(--card);border:1px solid var(--line);border-radius:.5rem}
    table{border-collapse:collapse;width:100%;font-size:.875rem;line-height:1.45}
    caption.shown{text-align:left;padding:.6rem .8rem .2rem;font-weight:640}
    caption.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
    th,td{padding:.42rem .8rem;text-align:left;vertical-align:top;border-top:1px solid var(--line);font-weight:400}
    thead th{border-top:0;color:var(--faint);font-size:.8125rem;white-space:nowrap;background:var(--card)}
    tbody th strong{font-weight:600}
    tbody tr:hover>*{background:var(--wash)}
    td{min-width:5rem;max-width:26rem;overflow-wrap:anywhere}
    tbody th{min-width:8rem;max-width:24rem;overflow-wrap:anywhere}
    tbody th small,.version+small,td small{display:block}
    .version,.whole{white-space:nowrap}
    .version{display:inline-block;max-width:17rem;overflow:hidden;text-overflow:ellipsis;vertical-align:bottom}
    .number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums;min-width:0}
    details{margin:.3rem 0}
    summary{cursor:pointer;color:var(--accent);padding:.15rem 0;font-size:.9375rem;width:fit-content}
    td details,dd details{margin:0}
    td summary,dd summary{font-size:inherit;padding:0}
    .map{display:block;width:100%;height:auto;border-radius:.5rem;overflow:hidden;background:var(--line)}
    .map.narrow{display:none}
    .map rect{stroke:var(--paper);stroke-width:1.5}
    .map text{fill:var(--ink);font:500 12.5px var(--sans)}
    .map .minor{font-weight:400;fill-opacity:.85}
    .map g:hover rect{stroke:var(--ink)}
    .s1 rect{fill:var(--s1)}.s2 rect{fill:var(--s2)}.s3 rect{fill:var(--s3)}.s4 rect{fill:var(--s4)}.s5 rect{fill:var(--s5)}
    .warnings{background:var(--warn-wash);border-left:3px solid var(--warn);border-radius:.25rem;padding:.6rem 1rem;\
    margin:0 0 1rem;overflow-wrap:anywhere}
    .warnings p{margin:0;color:var(--warn)}
    .warnings ul{margin:.2rem 0 0;padding-left:1.1rem}
    footer{padding-block:2rem 3rem;border-top:1px solid var(--line);margin-top:2rem;font-size:.875rem}
    @media(max-width:44rem){
    body{font-size:.9688rem}
    header.top{padding-top:1.5rem}
    header.top,nav,main,footer{padding-inline:1rem}
    .map.wide{display:none}.map.narrow{display:block}
    dl{grid-template-columns:minmax(0,1fr);gap:0}
    dt{font-size:.8125rem}
    dd{margin-bottom:.55rem}
    .figures{grid-template-columns:repeat(2,minmax(0,1fr));gap:.5rem}
    nav ul{flex-wrap:nowrap;overflow-x:auto;white-space:nowrap}
    }
    @media print{
    :root{--paper:#fff;--card:#fff;--ink:#000;--faint:#444;--line:#bbb;--accent:#000;--wash:#fff}
    nav,.skip{display:none}
    body{font-size:9.5pt}
    .scroll{overflow:visible;border:0}
    table{font-size:8pt}
    details::details-content{content-visibility:visible;display:block;height:auto}
    h2,h3,summary{break-after:avoid}
    tr,.map{break-inside:avoid}
    .map rect{print-color-adjust:exact;-webkit-print-color-adjust:exact}
    }
    """
}
