#pragma once
// The words of an SVG: text fit for XML, and elements put together. Pure.
#include <cstddef>
#include <string>
#include <string_view>

namespace uvdial::cli {

// Fit for the contents of an element and for an attribute in double quotes. What XML cannot hold, control characters and
// bytes that are not UTF-8 among it, becomes \xNN (XML 1.0, 2.2 and 2.4).
std::string xml_text(std::string_view text);

// A number of pixels with at most one decimal, in any locale: "12", "12.5".
std::string pixels(double value);

// A drawing line by line. Coordinates are pixels; `style` is a class of the sheet.
class svg {
 public:
  // The element that all others stand in. `title` and `description` are what a person hears who does not see.
  svg(double width, std::string_view title, std::string_view description);

  void set_height(double height) noexcept { height_ = height; }
  // A group with a tooltip, until close().
  void open(std::string_view tooltip);
  void close();
  void rectangle(std::string_view style, double x, double y, double width, double height,
                 std::string_view attributes = {});
  void line(std::string_view style, double x1, double y1, double x2, double y2);
  void cross(double x, double y);  // an end that was a failure
  void text(std::string_view style, double x, double y, std::string_view words);

  std::string finished() const;  // one line a thing, the last one ended too

 private:
  double width_;
  double height_ = 0;
  std::string title_;
  std::string description_;
  std::string body_{};
};

// How the letters are measured. All text is monospaced, as nobody knows which font a browser takes: a column is 0.602 em
// in nearly all of them, and less in the rest.
constexpr double column_of_13 = 13 * 0.605;
constexpr double column_of_17 = 17 * 0.605;

}  // namespace uvdial::cli
