#include "cli/svg_text.hpp"

#include <array>
#include <charconv>
#include <initializer_list>
#include <utility>

#include "cli/safe_text.hpp"

namespace uvdial::cli {

namespace {

// Light first. Who prefers a dark scheme gets the same classes in other colours; who knows neither media queries nor
// style sheets still gets black on white. The card keeps the words readable on a page whose scheme is not the one that
// the browser reports.
constexpr std::string_view style_sheet = R"(<style>
.uvdial{color-scheme:light dark;max-width:100%;height:auto}
.uvdial text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;font-size:13px;white-space:pre}
.uvdial .card{fill:#fff;stroke:#d0d7de}
.uvdial .head{fill:#1f2328;font-size:17px;font-weight:700}
.uvdial .ink{fill:#1f2328}
.uvdial .faint{fill:#57606a}
.uvdial .good{fill:#116329}
.uvdial .bad{fill:#b31d28}
.uvdial .right{text-anchor:end}
.uvdial .middle{text-anchor:middle}
.uvdial .halo{paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round}
.uvdial .grid{stroke:#e4e8ec}
.uvdial .axis{stroke:#8c959f}
.uvdial .hit{fill:#0969da;fill-opacity:0}
.uvdial g:hover>.hit{fill-opacity:.07}
.uvdial .question{fill:#0969da}
.uvdial .attempt{fill:#fff1c4;stroke:#9a6700;stroke-dasharray:4 2}
.uvdial .failed{fill:#ffdcd9;stroke:#cf222e}
.uvdial .won{fill:#1a7f37}
.uvdial .cross{stroke:#cf222e;stroke-width:2.5}
.uvdial .v6{fill:#0969da}
.uvdial .v4{fill:#fff1c4;stroke:#9a6700}
.uvdial .mark{stroke:#1f2328;stroke-width:1.5}
.uvdial .dashed{stroke:#1f2328;stroke-width:1.5;stroke-dasharray:5 3}
@media (prefers-color-scheme:dark){
.uvdial .card{fill:#0d1117;stroke:#3d444d}
.uvdial .head,.uvdial .ink{fill:#e6edf3}
.uvdial .faint{fill:#9ea7b3}
.uvdial .good{fill:#56d364}
.uvdial .bad{fill:#ff8b83}
.uvdial .halo{stroke:#0d1117}
.uvdial .grid{stroke:#21262d}
.uvdial .axis{stroke:#6e7681}
.uvdial .hit{fill:#58a6ff}
.uvdial .question,.uvdial .v6{fill:#58a6ff}
.uvdial .attempt,.uvdial .v4{fill:#3b2e0a;stroke:#d29922}
.uvdial .failed{fill:#4c1a1a;stroke:#f85149}
.uvdial .won{fill:#3fb950}
.uvdial .cross{stroke:#f85149}
.uvdial .mark,.uvdial .dashed{stroke:#e6edf3}
}
</style>
)";

// Besides markup: two code points at the end of the first plane are no characters, and XML forbids them.
struct replacement {
  std::string_view character, by;
};
constexpr std::array replacements = {replacement{"&", "&amp;"},
                                     replacement{"<", "&lt;"},
                                     replacement{">", "&gt;"},
                                     replacement{"\"", "&quot;"},
                                     replacement{"\xef\xbf\xbe", "\\xef\\xbf\\xbe"},
                                     replacement{"\xef\xbf\xbf", "\\xef\\xbf\\xbf"}};

std::string_view replaced(std::string_view character) noexcept {
  for (const replacement& each : replacements)
    if (each.character == character) return each.by;
  return character;
}

void append_attribute(std::string& to, std::string_view name, std::string_view value) {
  to.append(" ").append(name).append("=\"").append(value).append("\"");
}

void append_numbers(std::string& to, std::initializer_list<std::pair<std::string_view, double>> all) {
  for (const auto& [name, value] : all) append_attribute(to, name, pixels(value));
}

}  // namespace

std::string xml_text(std::string_view text) {
  const std::string line = one_line(text);
  std::string escaped;
  for (std::string_view rest = line; !rest.empty();) {
    const std::string_view character = rest.substr(0, utf8_front(rest));
    rest.remove_prefix(character.size());
    escaped += replaced(character);
  }
  return escaped;
}

std::string pixels(double value) {
  std::array<char, 32> digits{};
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed, 1);
  std::string text(digits.data(), end.ptr);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

svg::svg(double width, std::string_view title, std::string_view description)
    : width_(width), title_(xml_text(title)), description_(xml_text(description)) {}

void svg::open(std::string_view tooltip) {
  body_.append("<g><title>").append(xml_text(tooltip)).append("</title>\n");
}

void svg::close() { body_ += "</g>\n"; }

void svg::rectangle(std::string_view style, double x, double y, double width, double height,
                    std::string_view attributes) {
  body_ += "<rect";
  append_attribute(body_, "class", style);
  append_numbers(body_, {{"x", x}, {"y", y}, {"width", width}, {"height", height}});
  body_.append(attributes).append("/>\n");
}

void svg::line(std::string_view style, double x1, double y1, double x2, double y2) {
  body_ += "<line";
  append_attribute(body_, "class", style);
  append_numbers(body_, {{"x1", x1}, {"y1", y1}, {"x2", x2}, {"y2", y2}});
  body_ += "/>\n";
}

void svg::cross(double x, double y) {
  constexpr double arm = 5;
  line("cross", x - arm, y - arm, x + arm, y + arm);
  line("cross", x - arm, y + arm, x + arm, y - arm);
}

void svg::text(std::string_view style, double x, double y, std::string_view words) {
  body_ += "<text";
  append_attribute(body_, "class", style);
  append_numbers(body_, {{"x", x}, {"y", y}});
  body_.append(">").append(xml_text(words)).append("</text>\n");
}

std::string svg::finished() const {
  std::string all = R"(<svg xmlns="http://www.w3.org/2000/svg" class="uvdial" role="img")";
  append_numbers(all, {{"width", width_}, {"height", height_}});
  append_attribute(all, "viewBox", "0 0 " + pixels(width_) + " " + pixels(height_));
  all.append(">\n<title>").append(title_).append("</title>\n<desc>").append(description_).append("</desc>\n");
  all.append(style_sheet);
  all.append(R"(<rect class="card" fill="#fff" x="0.5" y="0.5" rx="8")");
  append_numbers(all, {{"width", width_ - 1}, {"height", height_ - 1}});
  return all.append("/>\n").append(body_).append("</svg>\n");
}

}  // namespace uvdial::cli
