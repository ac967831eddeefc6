from content.models.blog import ArticlePage, ArticleTag, BlogIndexPage
from content.models.home import HomePage
from content.models.pages import PublicPage, StandardPage

__all__ = ["ArticlePage", "ArticleTag", "BlogIndexPage", "HomePage", "PublicPage", "StandardPage"]
