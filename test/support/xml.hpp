#pragma once
// A strict reader of the part of XML that drawings are made of: elements, attributes, text. No declarations, comments,
// processing instructions, CDATA or entities of one's own, which a drawing has no use for.
#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "cli/safe_text.hpp"

namespace fixture {

class xml {
 public:
  struct attribute {
    std::string name;
    std::string value;
  };
  struct element {
    std::string name;
    std::vector<attribute> attributes{};
    std::string text{};  // directly in it

    std::string get(std::string_view wanted) const {
      for (const attribute& one : attributes)
        if (one.name == wanted) return one.value;
      return {};
    }
  };

  // Throws std::runtime_error that says what is wrong.
  explicit xml(std::string_view document) : rest_(document) {
    check_characters();
    read_element();
    skip_space();
    require(rest_.empty(), "something after the end");
  }

  const std::vector<element>& elements() const noexcept {
    return elements_;
  }  // in the order of their beginnings
  std::vector<element> of(std::string_view name) const {
    std::vector<element> found;
    for (const element& one : elements_)
      if (one.name == name) found.push_back(one);
    return found;
  }
  // All that can be read on the drawing, one text a line.
  std::string words() const {
    std::string all;
    for (const element& one : of("text")) all += one.text + "\n";
    return all;
  }

 private:
  void require(bool holds, const std::string& fault) const {
    if (!holds) throw std::runtime_error(fault + " before: " + std::string(rest_.substr(0, 60)));
  }

  // XML 1.0, 2.2.
  void check_characters() const {
    for (std::string_view text = rest_; !text.empty();) {
      const std::size_t bytes = uvdial::cli::utf8_front(text);
      require(bytes > 0, "no UTF-8");
      const std::string_view character = text.substr(0, bytes);
      require(bytes > 1 || static_cast<unsigned char>(text[0]) >= 0x20 || text[0] == '\n',
              "a control character");
      require(character != "\xef\xbf\xbe" && character != "\xef\xbf\xbf", "no character");
      text.remove_prefix(bytes);
    }
  }

  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n"), rest_.size())); }

  std::string read_name() {
    const auto is_part = [](char each) {
      return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') || (each >= '0' && each <= '9') ||
             each == '-';
    };
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_part);
    const std::string name(rest_.begin(), end);
    require(!name.empty() && (name[0] < '0' || name[0] > '9') && name[0] != '-', "no name");
    rest_.remove_prefix(name.size());
    return name;
  }

  // Up to one of `ends`, with its references replaced.
  std::string read_text(char end) {
    std::string text;
    while (!rest_.empty() && rest_.front() != end) {
      require(rest_.front() != '<', "a < in a value");
      require(!rest_.starts_with("]]>"), "a ]]> in a text");
      if (rest_.front() == '&') {
        text += read_reference();
        continue;
      }
      text += rest_.front();
      rest_.remove_prefix(1);
    }
    require(!rest_.empty(), "no end");
    return text;
  }

  char read_reference() {
    for (const auto& [name, character] :
         {std::pair{"&amp;", '&'}, std::pair{"&lt;", '<'}, std::pair{"&gt;", '>'}, std::pair{"&quot;", '"'},
          std::pair{"&apos;", '\''}})
      if (take(name)) return character;
    require(false, "a reference to nothing");
    return 0;
  }

  void read_attributes(element& into) {
    for (skip_space(); !rest_.starts_with(">") && !rest_.starts_with("/"); skip_space()) {
      std::string name = read_name();
      require(into.get(name).empty(), "an attribute again");
      require(take("=\""), "no value");
      std::string value = read_text('"');
      require(take("\"") && (rest_.starts_with(" ") || rest_.starts_with(">") || rest_.starts_with("/")),
              "no space");
      into.attributes.push_back({std::move(name), std::move(value)});
    }
  }

  void read_element() {
    require(take("<"), "no element");
    element made{read_name()};
    require(rest_.starts_with(" ") || rest_.starts_with(">") || rest_.starts_with("/"), "no end of the name");
    read_attributes(made);
    const std::size_t place = elements_.size();
    const std::string name = made.name;
    elements_.push_back(std::move(made));
    if (take("/>")) return;
    require(take(">"), "no end of the tag");
    while (!rest_.starts_with("</")) {
      if (rest_.starts_with("<"))
        read_element();
      else
        elements_[place].text += read_text('<');
    }
    require(take("</" + name + ">"), "another end than that of " + name);
  }

  std::string_view rest_;
  std::vector<element> elements_{};
};

}  // namespace fixture
