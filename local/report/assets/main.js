// Shows the report.
const data = JSON.parse(document.getElementById("data").textContent);
document.getElementById("app").textContent = `${data.creatives.length} creatives`;
