// Fetches the script of an interactive figure when the reader comes near its still picture. Without this script, in
// print and for search engines the still picture is the figure. A classic script: from a folder, browsers refuse modules.

const here = document.currentScript.src.replace(/[^/]*$/, "")
const near = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries)
      if (isIntersecting) {
        near.unobserve(target)
        fetchOnce(target.dataset.interactive)
      }
  },
  { rootMargin: "600px" },
)

const fetched = new Set()

function fetchOnce(name) {
  if (fetched.has(name)) return
  fetched.add(name)
  document.head.append(Object.assign(document.createElement("script"), { src: `${here}${name}.js` }))
}

for (const picture of document.querySelectorAll("img[data-interactive]")) near.observe(picture)
